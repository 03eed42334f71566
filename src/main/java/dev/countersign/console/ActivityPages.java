package dev.countersign.console;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityExport;
import dev.countersign.activity.ActivityFilter;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.ActivitySettings;
import dev.countersign.activity.Retention;
import dev.countersign.activity.SealStatus;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Permission;
import dev.countersign.session.Sessions;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.Sentences;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The activity page of the console: what happened, filtered, as a file, and as it happens. */
@Controller
final class ActivityPages {
    private static final String HERE = "/console/activity";
    private static final int PAGE = 50;
    private static final int POLL_SECONDS = 2;
    private static final int POLLS = 300;

    private final ActivityLog log;
    private final Retention retention;
    private final Accounts accounts;
    private final Sessions sessions;
    private final Sentences sentences;
    private final LiveTails tails;
    private final SealStatus seals;
    private final Clock clock;

    ActivityPages(
            ActivityLog log,
            Retention retention,
            Accounts accounts,
            Sessions sessions,
            Sentences sentences,
            LiveTails tails,
            SealStatus seals,
            Clock clock) {
        this.log = log;
        this.retention = retention;
        this.accounts = accounts;
        this.sessions = sessions;
        this.sentences = sentences;
        this.tails = tails;
        this.seals = seals;
        this.clock = clock;
    }

    /** An entry on the page. */
    record Row(
            Instant at,
            String sentence,
            @Nullable String accountId,
            @Nullable String username,
            String actor,
            String door,
            String address,
            String browser) {}

    /** A kind to choose. */
    record Kind(String name, String words) {}

    @ModelAttribute("form")
    ActivityForm form(
            @RequestParam(name = "person", defaultValue = "") String person,
            @RequestParam(name = "actor", defaultValue = "") String actor,
            @RequestParam(name = "kind", defaultValue = "") String kind,
            @RequestParam(name = "from", defaultValue = "") String from,
            @RequestParam(name = "to", defaultValue = "") String to,
            @RequestParam(name = "address", defaultValue = "") String address) {
        return new ActivityForm(person, actor, kind, from, to, address);
    }

    @GetMapping("/console/activity")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_ACTIVITY)
    ModelAndView show(
            @ModelAttribute("form") ActivityForm form,
            @RequestParam(name = "before", defaultValue = "") String before,
            HttpServletRequest request,
            Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        ModelAndView page = new ModelAndView("console/activity");
        page.addObject("kinds", kinds(locale));
        page.addObject("days", retention.settings(environment.id()).days());
        page.addObject("seal", seal(environment));
        page.addObject("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        page.addObject("mayViewPeople", SignedIn.of(request).rights().may(Permission.VIEW_PEOPLE));
        long cursor = number(before).orElse(Long.MAX_VALUE);
        page.addObject("first", cursor == Long.MAX_VALUE);
        page.addObject("start", HERE + form.query());
        for (ActivityExport.Format format : ActivityExport.Format.values()) {
            page.addObject(format.wireName(), HERE + "/export" + form.query("format=" + format.wireName()));
        }
        return switch (form.read(environment.id(), accounts)) {
            case ActivityForm.Read.Problem(String key, String typed) -> {
                page.addObject("problem", key);
                page.addObject("problemArguments", new Object[] {typed});
                page.addObject("entries", List.of());
                page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
                yield page;
            }
            case ActivityForm.Read.Valid(ActivityFilter filter) ->
                fill(page, environment, form, filter, cursor, locale);
        };
    }

    /**
     * How far the log is sealed.
     *
     * @param late how many entries wait for longer than they should; 0 when all is well
     */
    record Seal(@Nullable Instant at, long late) {}

    private Seal seal(Environment environment) {
        SealStatus.State state = seals.of(environment.id());
        return new Seal(state.sealedAt().orElse(null), state.isLate(clock.instant()) ? state.unsealed() : 0);
    }

    private ModelAndView fill(
            ModelAndView page,
            Environment environment,
            ActivityForm form,
            ActivityFilter filter,
            long cursor,
            Locale locale) {
        List<ActivityEntry> found = log.before(environment.id(), filter, cursor, PAGE + 1);
        List<ActivityEntry> shown = found.subList(0, Math.min(PAGE, found.size()));
        Function<AccountId, String> names = names();
        page.addObject(
                "entries",
                shown.stream().map(entry -> row(entry, names, locale)).toList());
        if (found.size() > PAGE) {
            page.addObject(
                    "older", HERE + form.query("before=" + shown.getLast().sequence()));
        }
        page.addObject("live", HERE + "/live" + form.query("after=" + log.newestSequence(environment.id())));
        return page;
    }

    private Row row(ActivityEntry entry, Function<AccountId, String> names, Locale locale) {
        return new Row(
                entry.at(),
                sentences.of(entry, locale),
                entry.account().map(AccountId::value).orElse(null),
                entry.account().map(names).orElse(null),
                entry.actorName(),
                entry.origin().door(),
                entry.origin().address(),
                entry.origin().browser());
    }

    /** Looks each name up once. */
    private Function<AccountId, String> names() {
        Map<AccountId, String> known = new HashMap<>();
        return id -> known.computeIfAbsent(
                id, account -> accounts.find(account).map(Account::username).orElse(""));
    }

    private List<Kind> kinds(Locale locale) {
        return Stream.of(ActivityEvent.class.getPermittedSubclasses())
                .map(event -> ActivityEvent.kindOf(event.asSubclass(ActivityEvent.class)))
                .map(kind -> new Kind(kind, sentences.ofKind(kind, locale)))
                .sorted(Comparator.comparing(Kind::words, String.CASE_INSENSITIVE_ORDER))
                .toList();
    }

    @GetMapping("/console/activity/export")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_ACTIVITY)
    void export(
            @ModelAttribute("form") ActivityForm form,
            @RequestParam(name = "format", defaultValue = "csv") String typed,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Environment environment = RequestFacts.of(request).environment();
        Optional<ActivityExport.Format> format = ActivityExport.Format.ofWireName(typed);
        if (format.isEmpty()
                || !(form.read(environment.id(), accounts) instanceof ActivityForm.Read.Valid(ActivityFilter filter))) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        response.setContentType(format.get().mediaType());
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.setHeader(
                "Content-Disposition",
                "attachment; filename=\"activity." + format.get().wireName() + "\"");
        Writer out = response.getWriter();
        log.forEach(environment.id(), filter, ActivityExport.to(out, format.get(), names()));
        out.flush();
    }

    /**
     * Says that there is something new, by its number; the page fetches itself then. Ends with the session and its right, after
     * ten minutes (browsers come back by themselves), and when the server stops.
     */
    @GetMapping("/console/activity/live")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_ACTIVITY)
    void live(
            @ModelAttribute("form") ActivityForm form,
            @RequestParam(name = "after", defaultValue = "") String after,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Environment environment = RequestFacts.of(request).environment();
        Optional<Long> start = Optional.ofNullable(request.getHeader("Last-Event-ID"))
                .flatMap(ActivityPages::number)
                .or(() -> number(after));
        if (start.isEmpty()
                || !(form.read(environment.id(), accounts) instanceof ActivityForm.Read.Valid(ActivityFilter filter))) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        Optional<LiveTails.Seat> seat = tails.take();
        if (seat.isEmpty()) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        try (LiveTails.Seat taken = seat.get()) {
            response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
            response.setCharacterEncoding(StandardCharsets.UTF_8);
            tell(response.getWriter(), taken, environment, filter, start.get(), SignedIn.of(request));
        }
    }

    private void tell(
            PrintWriter out,
            LiveTails.Seat seat,
            Environment environment,
            ActivityFilter filter,
            long start,
            SignedIn person) {
        long told = start;
        for (int poll = 0; poll < POLLS && mayListen(person); poll++) {
            List<ActivityEntry> news = log.after(environment.id(), filter, told, PAGE);
            if (news.isEmpty()) {
                out.print(": \n\n");
            } else {
                told = news.getLast().sequence();
                out.print("id: " + told + "\ndata: " + news.size() + "\n\n");
            }
            if (out.checkError() || !seat.pause(POLL_SECONDS)) {
                return;
            }
        }
    }

    /** Listening is no use of a session: one that is only listened with ends in its time. */
    private boolean mayListen(SignedIn person) {
        boolean alive = sessions.liveOf(person.account().id(), clock.instant()).stream()
                .anyMatch(session -> session.id().equals(person.session().id()));
        return alive
                && accounts.find(person.account().id())
                        .filter(account -> !account.isDisabled()
                                && accounts.rights(account).may(Permission.VIEW_ACTIVITY))
                        .isPresent();
    }

    @PostMapping("/console/activity/retention")
    @Access(
            value = Access.Level.CONSOLE,
            needs = {Permission.VIEW_ACTIVITY, Permission.EDIT_SYSTEM_SETTINGS},
            fresh = true,
            back = HERE)
    ModelAndView keep(@RequestParam(name = "days", defaultValue = "") String typed, HttpServletRequest request) {
        Optional<Integer> days = number(typed)
                .filter(number -> number <= ActivitySettings.MOST_DAYS)
                .map(Math::toIntExact)
                .filter(ActivitySettings::isAllowed);
        days.ifPresent(number -> retention.change(
                RequestFacts.of(request).environment().id(),
                ActivitySettings.ofDays(number),
                SignedIn.of(request).actor(),
                RequestFacts.of(request).origin("console"),
                clock.instant()));
        return Redirects.to(HERE + (days.isPresent() ? "?notice=saved" : "?problem=activity-days"));
    }

    private static Optional<Long> number(String typed) {
        return typed.matches("\\d{1,18}") ? Optional.of(Long.parseLong(typed)) : Optional.empty();
    }
}
