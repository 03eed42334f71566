package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.Refusal;
import dev.countersign.administration.Selection;
import dev.countersign.directory.AccountSource;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.people.Companion;
import dev.countersign.people.People;
import dev.countersign.people.PeopleCount;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.PersonStatus;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** The list of people: search, filters, order, and the choice of whom something is to be done to. */
@Controller
final class PeoplePages {
    private static final int PAGE_SIZE = 50;

    private final People people;
    private final PeopleExport export;
    private final Groups groups;
    private final BulkJobs jobs;
    private final Clock clock;

    PeoplePages(People people, PeopleExport export, Groups groups, BulkJobs jobs, Clock clock) {
        this.people = people;
        this.export = export;
        this.groups = groups;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** An entry of a list to choose from. */
    record Choice(String value, String text, boolean selected) {}

    /** A column's heading, which sorts by it. */
    record Column(String address, boolean current) {}

    @GetMapping("/console/people")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView list(HttpServletRequest request) {
        return list(PeopleSearch.of(request::getParameter), Optional.empty(), request);
    }

    private ModelAndView list(PeopleSearch search, Optional<Refusal> refused, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Instant now = clock.instant();
        PeoplePage page = people.list(environment, search.filter(), search.sort(), search.from(), PAGE_SIZE, now);
        PeopleCount count = people.count(environment, search.filter(), now);
        Map<String, Object> model = new HashMap<>();
        model.put("people", page.people().stream().map(PersonRow::of).toList());
        model.put("total", count.value());
        model.put("exact", count.exact());
        model.put("query", search.filter().text());
        model.put("filtered", search.isFiltered());
        model.put("fields", search.fields());
        model.put("from", search.query());
        addFilters(search, environment, model);
        addOrder(search, model);
        page.previous().ifPresent(to -> model.put("previous", search.address("/console/people", Optional.of(to))));
        page.next().ifPresent(to -> model.put("next", search.address("/console/people", Optional.of(to))));
        model.put("choose", search.address("/console/people/choose", Optional.empty()));
        model.put("csv", search.address("/console/people/export.csv", Optional.empty()));
        model.put("json", search.address("/console/people/export.json", Optional.empty()));
        Rights rights = SignedIn.of(request).rights();
        model.put("actions", actions(rights));
        model.put("mayCreate", rights.may(Permission.EDIT_PEOPLE));
        refused.ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/people", model);
    }

    private void addFilters(PeopleSearch search, EnvironmentId environment, Map<String, Object> model) {
        PeopleFilter filter = search.filter();
        model.put(
                "statuses",
                Stream.of(PersonStatus.values())
                        .map(status -> new Choice(
                                status.wireName(),
                                PersonRow.Status.keyOf(status),
                                filter.status().filter(status::equals).isPresent()))
                        .toList());
        model.put(
                "companions",
                Stream.of(Companion.values())
                        .map(companion -> new Choice(
                                companion.wireName(),
                                switch (companion) {
                                    case PAIRED -> "people.companion-paired";
                                    case NONE -> "people.companion-none";
                                },
                                filter.companion().filter(companion::equals).isPresent()))
                        .toList());
        model.put(
                "roles",
                Stream.of(Role.values())
                        .map(role -> new Choice(
                                role.wireName(),
                                "role." + role.wireName(),
                                filter.role().filter(role::equals).isPresent()))
                        .toList());
        model.put(
                "sources",
                Stream.of(AccountSource.values())
                        .map(source -> new Choice(
                                PeopleSearch.wireName(source),
                                switch (source) {
                                    case LOCAL -> "people.source-local";
                                    case IMPORT -> "people.source-import";
                                },
                                filter.source().filter(source::equals).isPresent()))
                        .toList());
        model.put(
                "groups",
                groups.names(environment).stream()
                        .map(group -> new Choice(
                                group.id().value(),
                                group.name(),
                                filter.group().filter(group.id()::equals).isPresent()))
                        .toList());
    }

    private static void addOrder(PeopleSearch search, Map<String, Object> model) {
        Map<String, Column> columns = new HashMap<>();
        for (PeopleSort sort : PeopleSort.values()) {
            columns.put(sort.wireName(), new Column(search.sorted(sort), sort == search.sort()));
        }
        model.put("columns", columns);
    }

    /** What someone with these rights may do to others, in the order of the list. */
    private static List<Choice> actions(Rights rights) {
        return Stream.of(
                        BulkAction.Kind.RESET,
                        BulkAction.Kind.REMIND,
                        BulkAction.Kind.INVITE,
                        BulkAction.Kind.INVITE_COMPANION,
                        BulkAction.Kind.REQUIRE,
                        BulkAction.Kind.EXEMPT,
                        BulkAction.Kind.END_EXEMPTION,
                        BulkAction.Kind.UNLOCK,
                        BulkAction.Kind.END_SESSIONS,
                        BulkAction.Kind.ADD_TO_GROUP,
                        BulkAction.Kind.DISABLE,
                        BulkAction.Kind.ENABLE)
                .filter(kind -> kind.isAllowed(rights))
                .map(kind -> new Choice(kind.wireName(), "bulk." + kind.wireName(), false))
                .toList();
    }

    /** Fixes who is chosen; what will happen to them is said, and asked, on the next page. */
    @PostMapping("/console/people/choose")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView choose(
            @RequestParam(name = "action", defaultValue = "") String action,
            @RequestParam(name = "id", required = false) @Nullable List<String> ids,
            @RequestParam(name = "all", defaultValue = "") String all,
            HttpServletRequest request) {
        PeopleSearch search = PeopleSearch.of(request::getParameter);
        Optional<BulkAction.Kind> kind = BulkAction.Kind.ofWireName(action);
        if (kind.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        if (!kind.get().isAllowed(SignedIn.of(request).rights())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        List<AccountId> chosen = ids(ids);
        if (all.isEmpty() && chosen.isEmpty()) {
            String back = search.address("/console/people", Optional.empty());
            return Redirects.to(back + (back.contains("?") ? "&" : "?") + "problem=nothing-selected");
        }
        Selection selection = all.isEmpty() ? new Selection.Named(chosen) : new Selection.Found(search.filter());
        return jobs.prepare(by(request), selection, kind.get(), clock.instant())
                .fold(
                        run -> Redirects.to(back(search, request).carriedBy("/console/jobs/" + run.id())),
                        why -> list(search, Optional.of(why), request));
    }

    /** The list to come back to: this one, or the one the page of a person was opened from. */
    private static PeopleSearch back(PeopleSearch search, HttpServletRequest request) {
        return search.query().isEmpty() ? PeopleSearch.cameFrom(request::getParameter) : search;
    }

    static List<AccountId> ids(@Nullable List<String> typed) {
        return Optional.ofNullable(typed).orElse(new ArrayList<>()).stream()
                .distinct()
                .limit(Selection.MOST_NAMED)
                .filter(Identifiers::isOne)
                .map(AccountId::new)
                .toList();
    }

    @GetMapping("/console/people/export.csv")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    void csv(HttpServletRequest request, HttpServletResponse response) throws IOException {
        file("text/csv", "countersign-people.csv", response);
        export.csv(
                RequestFacts.of(request).environment().id(),
                PeopleSearch.of(request::getParameter).filter(),
                clock.instant(),
                response.getWriter());
    }

    @GetMapping("/console/people/export.json")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    void json(HttpServletRequest request, HttpServletResponse response) throws IOException {
        file("application/json", "countersign-people.json", response);
        export.json(
                RequestFacts.of(request).environment().id(),
                PeopleSearch.of(request::getParameter).filter(),
                clock.instant(),
                response.getWriter());
    }

    static void file(String type, String name, HttpServletResponse response) {
        response.setContentType(type);
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.setHeader("Content-Disposition", "attachment; filename=\"" + name + "\"");
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
