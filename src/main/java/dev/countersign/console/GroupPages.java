package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.GroupAdministration;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.Refusal;
import dev.countersign.administration.Selection;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.moving.MovingOut;
import dev.countersign.people.People;
import dev.countersign.people.PeopleCount;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Groups: what stands in what, which role they give, and who is in them. */
@Controller
final class GroupPages {
    private static final int PAGE_SIZE = 50;

    private final Groups groups;
    private final MovingOut out;
    private final GroupAdministration administration;
    private final BulkJobs jobs;
    private final People people;
    private final FoundPeople found;
    private final FreshFactor fresh;
    private final Clock clock;

    GroupPages(
            Groups groups,
            MovingOut out,
            GroupAdministration administration,
            BulkJobs jobs,
            People people,
            FoundPeople found,
            FreshFactor fresh,
            Clock clock) {
        this.groups = groups;
        this.out = out;
        this.administration = administration;
        this.jobs = jobs;
        this.people = people;
        this.found = found;
        this.fresh = fresh;
        this.clock = clock;
    }

    /** A group in the list, below the one it stands in. */
    record Row(
            String id, String name, long members, @Nullable String roleKey, List<Link> inside) {}

    record Link(String id, String name) {}

    record RoleChoice(String value, String key, boolean selected) {}

    @GetMapping("/console/groups")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView list(HttpServletRequest request) {
        return list("", Optional.empty(), request);
    }

    private ModelAndView list(String typed, Optional<Refusal> refused, HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        Map<GroupId, String> names = names(environment);
        Map<GroupId, List<Link>> parents = new HashMap<>();
        groups.nestings(environment)
                .forEach(nesting -> parents.computeIfAbsent(nesting.child(), _ -> new ArrayList<>())
                        .add(link(nesting.parent(), names)));
        List<Row> rows = groups.all(environment).stream()
                .map(group -> new Row(
                        group.id().value(),
                        group.name(),
                        group.members(),
                        roleKey(group.role()),
                        parents.getOrDefault(group.id(), List.of())))
                .toList();
        Map<String, Object> model = new HashMap<>();
        model.put("groups", rows);
        model.put("typed", typed);
        model.put("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_PEOPLE));
        refused.ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/groups", model);
    }

    private Map<GroupId, String> names(EnvironmentId environment) {
        return groups.names(environment).stream().collect(Collectors.toMap(Groups.Name::id, Groups.Name::name));
    }

    private static Link link(GroupId id, Map<GroupId, String> names) {
        return new Link(id.value(), names.getOrDefault(id, ""));
    }

    private static @Nullable String roleKey(Optional<Role> role) {
        return role.map(given -> "role." + given.wireName()).orElse(null);
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }

    @PostMapping("/console/groups")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView create(@RequestParam(name = "name", defaultValue = "") String name, HttpServletRequest request) {
        return administration
                .create(by(request), name, clock.instant())
                .fold(group -> to(group.id(), "?notice=saved"), why -> list(name, Optional.of(why), request));
    }

    @GetMapping("/console/groups/{id}")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView show(@PathVariable("id") String id, HttpServletRequest request) {
        return show(find(id, request), Optional.empty(), request);
    }

    private Group find(String id, HttpServletRequest request) {
        return Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(typed -> groups.find(environment(request), new GroupId(typed)))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private ModelAndView show(Group group, Optional<Refusal> refused, HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        PeopleSearch search = PeopleSearch.of(request::getParameter);
        PeopleFilter members = new PeopleFilter(
                search.filter().text(), Optional.empty(), Optional.of(group.id()), Optional.empty(), Optional.empty());
        Instant now = clock.instant();
        PeoplePage page = people.list(environment, members, PeopleSort.USERNAME, search.from(), PAGE_SIZE, now);
        PeopleCount count = people.count(environment, members, now);
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("id", group.id().value());
        model.put("people", page.people().stream().map(PersonRow::of).toList());
        model.put("total", count.value());
        model.put("exact", count.exact());
        model.put("query", members.text());
        PeopleSearch here =
                new PeopleSearch(PeopleFilter.ofText(members.text()), PeopleSort.USERNAME, Optional.empty());
        String path = "/console/groups/" + group.id().value();
        page.previous().ifPresent(to -> model.put("previous", here.address(path, Optional.of(to))));
        page.next().ifPresent(to -> model.put("next", here.address(path, Optional.of(to))));
        addNesting(group, environment, model);
        addRole(group, SignedIn.of(request).rights(), model);
        refused.ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/group", model);
    }

    private void addNesting(Group group, EnvironmentId environment, Map<String, Object> model) {
        Map<GroupId, String> names = names(environment);
        List<Groups.Nesting> nestings = groups.nestings(environment);
        List<Link> children = nestings.stream()
                .filter(nesting -> nesting.parent().equals(group.id()))
                .map(nesting -> link(nesting.child(), names))
                .toList();
        model.put("children", children);
        model.put(
                "parents",
                nestings.stream()
                        .filter(nesting -> nesting.child().equals(group.id()))
                        .map(nesting -> link(nesting.parent(), names))
                        .toList());
        Set<String> taken = new HashSet<>(children.stream().map(Link::id).toList());
        taken.add(group.id().value());
        model.put(
                "others",
                groups.names(environment).stream()
                        .map(name -> new Link(name.id().value(), name.name()))
                        .filter(link -> !taken.contains(link.id()))
                        .toList());
    }

    private void addRole(Group group, Rights rights, Map<String, Object> model) {
        boolean covers = rights.cover(Rights.of(groups.rolesGivenBy(group.id())));
        model.put("mayEdit", rights.may(Permission.EDIT_PEOPLE) && covers);
        model.put("roleKey", roleKey(group.role()));
        model.put(
                "inherited",
                groups.rolesGivenBy(group.id()).stream()
                        .filter(role -> group.role().filter(role::equals).isEmpty())
                        .map(role -> "role." + role.wireName())
                        .toList());
        model.put(
                "roles",
                Stream.of(Role.values())
                        .filter(role -> role != Role.USER && rights.cover(role))
                        .map(role -> new RoleChoice(
                                role.wireName(),
                                "role." + role.wireName(),
                                group.role().filter(role::equals).isPresent()))
                        .toList());
    }

    private static ModelAndView to(GroupId id, String rest) {
        return Redirects.to("/console/groups/" + id.value() + rest);
    }

    private ModelAndView after(Outcome<?> outcome, Group group, HttpServletRequest request) {
        return outcome.fold(_ -> to(group.id(), "?notice=saved"), why -> show(group, Optional.of(why), request));
    }

    @PostMapping("/console/groups/{id}/name")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView rename(
            @PathVariable("id") String id,
            @RequestParam(name = "name", defaultValue = "") String name,
            HttpServletRequest request) {
        Group group = find(id, request);
        return after(administration.rename(by(request), group.id(), name, clock.instant()), group, request);
    }

    @PostMapping("/console/groups/{id}/role")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE, fresh = true, back = "/console/groups/{id}")
    ModelAndView role(
            @PathVariable("id") String id,
            @RequestParam(name = "role", defaultValue = "") String role,
            HttpServletRequest request) {
        Group group = find(id, request);
        Optional<Role> wanted = Role.ofWireName(role);
        if (!role.isEmpty() && wanted.isEmpty()) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST);
        }
        return after(administration.changeRole(by(request), group.id(), wanted, clock.instant()), group, request);
    }

    @PostMapping("/console/groups/{id}/nest")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE, fresh = true, back = "/console/groups/{id}")
    ModelAndView nest(
            @PathVariable("id") String id,
            @RequestParam(name = "child", defaultValue = "") String child,
            HttpServletRequest request) {
        Group group = find(id, request);
        return after(
                administration.nest(
                        by(request), group.id(), find(child, request).id(), clock.instant()),
                group,
                request);
    }

    @PostMapping("/console/groups/{id}/unnest")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE, fresh = true, back = "/console/groups/{id}")
    ModelAndView unnest(
            @PathVariable("id") String id,
            @RequestParam(name = "child", defaultValue = "") String child,
            HttpServletRequest request) {
        Group group = find(id, request);
        return after(
                administration.unnest(
                        by(request), group.id(), find(child, request).id(), clock.instant()),
                group,
                request);
    }

    @GetMapping("/console/groups/{id}/delete")
    @Access(
            value = Access.Level.CONSOLE,
            needs = Permission.EDIT_PEOPLE,
            fresh = true,
            back = "/console/groups/{id}/delete")
    ModelAndView askDelete(@PathVariable("id") String id, HttpServletRequest request) {
        return askDelete(find(id, request), Optional.empty());
    }

    private static ModelAndView askDelete(Group group, Optional<Refusal> refused) {
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("id", group.id().value());
        refused.ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/group-delete", model);
    }

    @PostMapping("/console/groups/{id}/delete")
    @Access(
            value = Access.Level.CONSOLE,
            needs = Permission.EDIT_PEOPLE,
            fresh = true,
            back = "/console/groups/{id}/delete")
    ModelAndView delete(@PathVariable("id") String id, HttpServletRequest request) {
        Group group = find(id, request);
        return administration
                .delete(by(request), group.id(), clock.instant())
                .fold(_ -> Redirects.to("/console/groups?notice=saved"), why -> askDelete(group, Optional.of(why)));
    }

    // Members

    @GetMapping("/console/groups/{id}/add")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView findPeople(@PathVariable("id") String id, HttpServletRequest request) {
        return findPeople(find(id, request), "", List.of(), Optional.empty(), request);
    }

    private ModelAndView findPeople(
            Group group, String query, List<AccountId> chosen, Optional<String> problem, HttpServletRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("group", group);
        model.put("id", group.id().value());
        found.add(environment(request), query, chosen, model);
        problem.ifPresent(key -> model.put("problem", key));
        return new ModelAndView("console/group-add", model);
    }

    /** Looks for more people, keeping those that are ticked, or adds the ticked ones. */
    @PostMapping("/console/groups/{id}/add")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView add(
            @PathVariable("id") String id,
            @RequestParam(name = "q", defaultValue = "") String query,
            @RequestParam(name = "id", required = false) @Nullable List<String> ids,
            @RequestParam(name = "do", defaultValue = "") String what,
            HttpServletRequest request) {
        Group group = find(id, request);
        List<AccountId> chosen = PeoplePages.ids(ids);
        if (!what.equals("add")) {
            return findPeople(group, query, chosen, Optional.empty(), request);
        }
        if (chosen.isEmpty()) {
            return findPeople(group, query, chosen, Optional.of("problem.nothing-selected"), request);
        }
        if (!groups.rolesGivenBy(group.id()).isEmpty() && !fresh.isShown(request)) {
            return FreshFactor.ask("/console/groups/" + group.id().value() + "/add");
        }
        return administration
                .add(by(request), group.id(), chosen, clock.instant())
                .fold(
                        _ -> to(group.id(), "?notice=saved"),
                        why -> findPeople(group, query, chosen, Optional.of(why.messageKey()), request));
    }

    @PostMapping("/console/groups/{id}/remove")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView remove(
            @PathVariable("id") String id,
            @RequestParam(name = "id", required = false) @Nullable List<String> ids,
            HttpServletRequest request) {
        Group group = find(id, request);
        List<AccountId> chosen = PeoplePages.ids(ids);
        if (chosen.isEmpty()) {
            return to(group.id(), "?problem=nothing-selected");
        }
        return jobs.prepare(
                        by(request), new Selection.Named(chosen), BulkAction.Kind.REMOVE_FROM_GROUP, clock.instant())
                .fold(
                        run -> Redirects.to("/console/jobs/" + run.id() + "?group="
                                + group.id().value()),
                        why -> show(group, Optional.of(why), request));
    }

    /** All groups with what is directly in them, in the form in which they can be imported again. */
    @GetMapping("/console/groups/export.csv")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    void csv(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PeoplePages.file("text/csv", "countersign-groups.csv", response);
        out.groups(by(request), response.getWriter(), clock.instant());
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
