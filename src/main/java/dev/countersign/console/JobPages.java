package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.BulkRun;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Work on people: what will happen is said and confirmed, then how far it is, then what came of it. */
@Controller
final class JobPages {
    private static final int SHOWN = 50;
    private static final int NAMED = 12;
    private static final Duration USUAL_EXEMPTION = Duration.ofDays(7);
    private final BulkJobs jobs;
    private final Groups groups;
    private final Policies policies;
    private final FreshFactor fresh;
    private final Clock clock;

    JobPages(BulkJobs jobs, Groups groups, Policies policies, FreshFactor fresh, Clock clock) {
        this.jobs = jobs;
        this.groups = groups;
        this.policies = policies;
        this.fresh = fresh;
        this.clock = clock;
    }

    /** A line of the list of work. */
    record Row(
            String id,
            String nameKey,
            String by,
            Instant at,
            String stateKey,
            String look,
            long total,
            long done,
            long refused) {
        static Row of(BulkRun run) {
            return new Row(
                    run.id(),
                    "bulk." + run.kind().wireName(),
                    run.starterName(),
                    run.startedAt().orElse(run.createdAt()),
                    state(run),
                    run.isFinished() && run.done() == run.total()
                            ? "tag-good"
                            : run.isFinished() ? "tag-warn" : "tag-plain",
                    run.total(),
                    run.done(),
                    run.refused());
        }

        private static String state(BulkRun run) {
            if (!run.isFinished()) {
                return run.cancelledAt().isPresent() ? "job.state-stopping" : "job.state-running";
            }
            return run.cancelledAt().isPresent() ? "job.state-stopped" : "job.state-finished";
        }
    }

    /** Someone a run is about, and why it was not done. */
    record ItemRow(
            String id,
            @Nullable String username,
            @Nullable String displayName,
            @Nullable String why) {
        static ItemRow of(BulkRun.Item item) {
            return new ItemRow(
                    item.account().value(),
                    item.username().orElse(null),
                    item.displayName().orElse(null),
                    item.refusal().map(Refusal::messageKey).orElse(null));
        }
    }

    @GetMapping("/console/jobs")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView list(HttpServletRequest request) {
        List<Row> rows = jobs.newest(by(request), SHOWN).stream().map(Row::of).toList();
        return new ModelAndView("console/jobs", Map.of("jobs", rows));
    }

    @GetMapping("/console/jobs/{id}")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView show(
            @PathVariable("id") String id,
            @RequestParam(name = "after", defaultValue = "") String after,
            HttpServletRequest request) {
        BulkRun run = find(id, request);
        if (!run.isPrepared()) {
            return progress(run, Identifiers.isOne(after) ? after : "", back(request));
        }
        if (!run.kind().isAllowed(SignedIn.of(request).rights())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return isFresh(run, request) ? confirm(run, Optional.empty(), request) : stepUp(run, request);
    }

    private BulkRun find(String id, HttpServletRequest request) {
        return Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(typed -> jobs.find(by(request), typed))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** Where a second factor is shown, and the way back to this page. */
    private static ModelAndView stepUp(BulkRun run, HttpServletRequest request) {
        String group = group(request).map(id -> "?group=" + id.value()).orElse("");
        return FreshFactor.ask(back(request).carriedBy("/console/jobs/" + run.id() + group));
    }

    private static PeopleSearch back(HttpServletRequest request) {
        return PeopleSearch.cameFrom(request::getParameter);
    }

    /** Whether whoever asks has shown a second factor a short while ago; a mail needs none. */
    private boolean isFresh(BulkRun run, HttpServletRequest request) {
        return run.kind().isLetter() || fresh.isShown(request);
    }

    private ModelAndView confirm(BulkRun run, Optional<Refusal> refused, HttpServletRequest request) {
        Administrator by = by(request);
        BulkRun.LeftOut leftOut = jobs.leftOut(by, run);
        Instant now = clock.instant();
        Map<String, Object> model = new HashMap<>();
        model.put("id", run.id());
        model.put("from", back(request).query());
        model.put("list", back(request).list());
        model.put("kind", run.kind().wireName());
        model.put("nameKey", "bulk." + run.kind().wireName());
        model.put("effects", effects(run, by));
        model.put("total", run.total());
        model.put("affected", run.total() - leftOut.count());
        model.put("above", leftOut.above());
        model.put("own", leftOut.own());
        model.put(
                "people",
                jobs.items(run, false, "", NAMED).stream().map(ItemRow::of).toList());
        model.put("more", Math.max(0, run.total() - NAMED));
        model.put("bad", isBad(run.kind()));
        model.put("reason", Optional.ofNullable(request.getParameter("reason")).orElse(""));
        LocalDate usual = now.plus(USUAL_EXEMPTION).atZone(ZoneOffset.UTC).toLocalDate();
        model.put("until", Optional.ofNullable(request.getParameter("until")).orElse(usual.toString()));
        if (run.kind() == BulkAction.Kind.ADD_TO_GROUP || run.kind() == BulkAction.Kind.REMOVE_FROM_GROUP) {
            model.put("groups", groups.names(by.environment()));
            model.put(
                    "group", Optional.ofNullable(request.getParameter("group")).orElse(""));
        }
        refused.ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/job-confirm", model);
    }

    private static boolean isBad(BulkAction.Kind kind) {
        return switch (kind) {
            case RESET, DISABLE, END_SESSIONS, REMOVE_FROM_GROUP -> true;
            case REQUIRE, EXEMPT, END_EXEMPTION, UNLOCK, REMIND, INVITE, INVITE_COMPANION, ENABLE, ADD_TO_GROUP ->
                false;
        };
    }

    /** What will happen, in sentences. */
    private List<String> effects(BulkRun run, Administrator by) {
        return switch (run.kind()) {
            case RESET -> List.of("people-reset.old", "people-reset.sessions", "people-reset.next");
            case REQUIRE -> {
                Rules rules = policies.rules(by.environment());
                yield rules.mode() != Rules.Mode.REQUIRED
                        ? List.of("job.effect-require", "job.effect-require-on")
                        : rules.scope() instanceof Rules.Scope.Everyone
                                ? List.of("job.effect-require-everyone")
                                : List.of("job.effect-require");
            }
            case EXEMPT -> List.of("job.effect-exempt");
            case END_EXEMPTION -> List.of("job.effect-end-exemption");
            case UNLOCK -> List.of("job.effect-unlock");
            case REMIND -> List.of("job.effect-remind");
            case INVITE -> List.of("job.effect-invite");
            case INVITE_COMPANION -> List.of("job.effect-invite-companion", "job.effect-invite-companion-link");
            case END_SESSIONS -> List.of("job.effect-end-sessions");
            case DISABLE -> List.of("job.effect-disable", "people-reset.sessions");
            case ENABLE -> List.of("job.effect-enable");
            case ADD_TO_GROUP -> List.of("job.effect-add-to-group");
            case REMOVE_FROM_GROUP -> List.of("job.effect-remove-from-group");
        };
    }

    @PostMapping("/console/jobs/{id}/begin")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView begin(@PathVariable("id") String id, HttpServletRequest request) {
        BulkRun run = find(id, request);
        if (!run.isPrepared()) {
            return Redirects.to("/console/jobs/" + run.id());
        }
        if (!run.kind().isAllowed(SignedIn.of(request).rights())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        if (!isFresh(run, request)) {
            return stepUp(run, request);
        }
        return action(run, request)
                .map(action -> jobs.begin(by(request), run.id(), action, clock.instant())
                        .fold(begun -> begun(begun, back(request)), why -> confirm(run, Optional.of(why), request)))
                .orElseGet(() -> confirm(run, Optional.of(missing(run)), request));
    }

    private static Refusal missing(BulkRun run) {
        return run.kind() == BulkAction.Kind.EXEMPT ? Refusal.EXEMPTION_END : Refusal.NOT_FOUND;
    }

    /** Work on one person ends on their page. */
    private ModelAndView begun(BulkRun run, PeopleSearch back) {
        List<BulkRun.Item> one = run.total() == 1 && run.isFinished() ? jobs.items(run, false, "", 1) : List.of();
        if (one.isEmpty()) {
            return Redirects.to(back.carriedBy("/console/jobs/" + run.id()));
        }
        BulkRun.Item item = one.getFirst();
        return Redirects.to(back.carriedBy("/console/people/" + item.account().value() + "?"
                + item.refusal()
                        .map(why -> "refused=" + why.wireName())
                        .orElse("done=" + run.kind().wireName())));
    }

    /** The action with what was typed for it; nothing when that makes no sense. */
    private static Optional<BulkAction> action(BulkRun run, HttpServletRequest request) {
        return switch (run.kind()) {
            case RESET -> Optional.of(new BulkAction.Reset());
            case REQUIRE -> Optional.of(new BulkAction.Require());
            case EXEMPT ->
                endOf(request.getParameter("until"))
                        .map(until -> new BulkAction.Exempt(
                                Optional.ofNullable(request.getParameter("reason"))
                                        .orElse(""),
                                until));
            case END_EXEMPTION -> Optional.of(new BulkAction.EndExemption());
            case UNLOCK -> Optional.of(new BulkAction.Unlock());
            case REMIND -> Optional.of(new BulkAction.Remind());
            case INVITE -> Optional.of(new BulkAction.Invite());
            case INVITE_COMPANION -> Optional.of(new BulkAction.InviteCompanion());
            case END_SESSIONS -> Optional.of(new BulkAction.EndSessions());
            case DISABLE -> Optional.of(new BulkAction.Disable());
            case ENABLE -> Optional.of(new BulkAction.Enable());
            case ADD_TO_GROUP -> group(request).map(BulkAction.AddToGroup::new);
            case REMOVE_FROM_GROUP -> group(request).map(BulkAction.RemoveFromGroup::new);
        };
    }

    /** The end of this day, which the exemption still covers. */
    static Optional<Instant> endOf(@Nullable String day) {
        try {
            return Optional.ofNullable(day)
                    .map(LocalDate::parse)
                    .filter(date -> date.getYear() < 3000)
                    .map(date -> date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<GroupId> group(HttpServletRequest request) {
        return Optional.ofNullable(request.getParameter("group"))
                .filter(Identifiers::isOne)
                .map(GroupId::new);
    }

    private ModelAndView progress(BulkRun run, String after, PeopleSearch back) {
        List<BulkRun.Item> refused = jobs.items(run, true, after, SHOWN + 1);
        Map<String, Object> model = new HashMap<>();
        model.put("job", Row.of(run));
        model.put("from", back.query());
        model.put("list", back.list());
        model.put("running", !run.isFinished());
        model.put("cancelled", run.cancelledAt().isPresent());
        model.put("open", run.open());
        model.put("percent", run.total() == 0 ? 100 : (run.done() + run.refused()) * 100 / run.total());
        model.put("refused", refused.stream().limit(SHOWN).map(ItemRow::of).toList());
        if (refused.size() > SHOWN) {
            model.put("next", refused.get(SHOWN - 1).account().value());
        }
        run.action().flatMap(action -> groupOf(run, action)).ifPresent(group -> model.put("group", group.name()));
        return new ModelAndView("console/job", model);
    }

    private Optional<Group> groupOf(BulkRun run, BulkAction action) {
        return switch (action) {
            case BulkAction.AddToGroup(GroupId group) -> groups.find(run.environment(), group);
            case BulkAction.RemoveFromGroup(GroupId group) -> groups.find(run.environment(), group);
            default -> Optional.empty();
        };
    }

    @PostMapping("/console/jobs/{id}/cancel")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView cancel(@PathVariable("id") String id, HttpServletRequest request) {
        BulkRun run = find(id, request);
        boolean refused = jobs.cancel(by(request), run.id(), clock.instant()).fold(_ -> false, _ -> true);
        if (refused) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return Redirects.to("/console/jobs/" + run.id());
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
