package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.BulkRun;
import dev.countersign.administration.Selection;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Work on many people at once, and how far it is. */
@RestController
final class JobApi {
    private static final int MOST_SHOWN = 200;

    private final BulkJobs jobs;
    private final Scopes scopes;
    private final Lists lists;
    private final Clock clock;

    JobApi(BulkJobs jobs, Scopes scopes, Lists lists, Clock clock) {
        this.jobs = jobs;
        this.scopes = scopes;
        this.lists = lists;
        this.clock = clock;
    }

    /** Everyone a search finds, in the words of {@code GET /api/v1/people}. An empty filter is everyone. */
    record PeopleFound(
            @Nullable String search,
            @Nullable String role,
            @Nullable String group,
            @Nullable String source,
            @Nullable String status,
            @Nullable String companion) {}

    /** Those of the readiness report whom the scope covers: all, or those with one verdict, or without a phone. */
    record PeopleCovered(
            Scopes.ScopeView scope,
            @Nullable String verdict,
            @Nullable String companion) {}

    /**
     * What is to be done, and to whom: the people named, everyone a filter finds, or those of the readiness report.
     *
     * @param action {@code reset}, {@code require}, {@code exempt}, {@code end-exemption}, {@code unlock}, {@code remind},
     *     {@code invite}, {@code invite-companion}, {@code end-sessions}, {@code disable}, {@code enable}, {@code add-to-group} or
     *     {@code remove-from-group}
     * @param reason of an exemption
     * @param until the end of an exemption
     * @param group for people who are added or taken out
     */
    record NewJob(
            String action,
            @Nullable List<String> people,
            @Nullable PeopleFound filter,
            @Nullable PeopleCovered covered,
            @Nullable String reason,
            @Nullable Instant until,
            @Nullable String group) {}

    /** Work that was started. {@code done} and {@code refused} grow until it is finished. */
    record JobView(
            String id,
            String action,
            String startedBy,
            long total,
            long done,
            long refused,
            boolean finished,
            Instant createdAt,
            @Nullable Instant startedAt,
            @Nullable Instant cancelledAt,
            @Nullable Instant finishedAt) {}

    /** The newest work, the newest first. */
    record Jobs(List<JobView> items) {}

    /** What came of one person. */
    record JobItemView(
            String person,
            @Nullable String username,
            @Nullable String refusal) {}

    @PostMapping(path = "/api/v1/jobs", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation(
            value =
                    "Do something to many people. Each is checked on its own; what is refused for one does not stop the others.",
            problems = {
                ProblemType.INVALID_VALUE,
                ProblemType.FORBIDDEN,
                ProblemType.NOT_FOUND,
                ProblemType.CONFLICT,
                ProblemType.NOT_ENTITLED
            })
    JobView startJob(@RequestBody NewJob body, HttpServletRequest request) {
        BulkAction action = action(body);
        return view(Outcomes.done(jobs.start(by(request), selection(body, request), action, clock.instant())));
    }

    private static BulkAction action(NewJob body) {
        BulkAction.Kind kind = BulkAction.Kind.ofWireName(Bodies.required("action", body.action()))
                .orElseThrow(() -> Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "action",
                        "action is one of: "
                                + EnumSet.allOf(BulkAction.Kind.class).stream()
                                        .map(BulkAction.Kind::wireName)
                                        .collect(Collectors.joining(", "))));
        return switch (kind) {
            case RESET -> new BulkAction.Reset();
            case REQUIRE -> new BulkAction.Require();
            case EXEMPT ->
                new BulkAction.Exempt(Bodies.required("reason", body.reason()), Bodies.required("until", body.until()));
            case END_EXEMPTION -> new BulkAction.EndExemption();
            case UNLOCK -> new BulkAction.Unlock();
            case REMIND -> new BulkAction.Remind();
            case INVITE -> new BulkAction.Invite();
            case INVITE_COMPANION -> new BulkAction.InviteCompanion();
            case END_SESSIONS -> new BulkAction.EndSessions();
            case DISABLE -> new BulkAction.Disable();
            case ENABLE -> new BulkAction.Enable();
            case ADD_TO_GROUP -> new BulkAction.AddToGroup(group(body));
            case REMOVE_FROM_GROUP -> new BulkAction.RemoveFromGroup(group(body));
        };
    }

    private static GroupId group(NewJob body) {
        return Identifiers.find(Bodies.required("group", body.group()))
                .map(GroupId::new)
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "group", "group is the id of a group"));
    }

    private Selection selection(NewJob body, HttpServletRequest request) {
        List<String> people = body.people();
        PeopleFound filter = body.filter();
        PeopleCovered covered = body.covered();
        if (Stream.of(people, filter, covered).filter(Objects::nonNull).count() != 1) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, "people", "Send one of people, filter and covered.");
        }
        if (covered != null) {
            return covered(covered, RequestFacts.of(request).environment().id());
        }
        if (filter != null) {
            return new Selection.Found(PeopleApi.filter(
                    filter.search(),
                    filter.role(),
                    filter.group(),
                    filter.source(),
                    filter.status(),
                    filter.companion()));
        }
        if (people == null || people.isEmpty() || people.size() > Selection.MOST_NAMED) {
            throw Refusal.of(
                    ProblemType.INVALID_VALUE,
                    "people",
                    "people is 1 to " + Selection.MOST_NAMED + " ids; or use filter.");
        }
        return new Selection.Named(people.stream().map(PeopleApi::id).toList());
    }

    private Selection covered(PeopleCovered covered, EnvironmentId environment) {
        Rules.Scope scope = scopes.read(environment, Bodies.required("scope", covered.scope()));
        return new Selection.Covered(
                new Rules(Rules.Mode.REQUIRED, scope, 0), ReadinessApi.wanted(covered.verdict(), covered.companion()));
    }

    @GetMapping("/api/v1/jobs")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("The 200 newest jobs.")
    Jobs listJobs(HttpServletRequest request) {
        return new Jobs(
                jobs.newest(by(request), MOST_SHOWN).stream().map(JobApi::view).toList());
    }

    @GetMapping("/api/v1/jobs/{id}")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("How far a job is.")
    JobView getJob(@PathVariable("id") String id, HttpServletRequest request) {
        return view(run(id, request));
    }

    @DeleteMapping("/api/v1/jobs/{id}")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("Stop a job. What is done stays done.")
    JobView cancelJob(@PathVariable("id") String id, HttpServletRequest request) {
        BulkRun run = run(id, request);
        Outcomes.done(jobs.cancel(by(request), run.id(), clock.instant()));
        return view(run(id, request));
    }

    @GetMapping("/api/v1/jobs/{id}/people")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("What came of each person, or only of those it was refused for.")
    ResponseEntity<Page<JobItemView>> listJobPeople(
            @PathVariable("id") String id,
            @RequestParam(name = "refused", required = false) @Nullable Boolean refused,
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        BulkRun run = run(id, request);
        boolean refusedOnly = Boolean.TRUE.equals(refused);
        return lists.page(
                "job " + run.id() + refusedOnly,
                limit,
                cursor,
                request,
                JobItemView::person,
                (after, most) -> jobs.items(run, refusedOnly, after.orElse(""), most).stream()
                        .map(JobApi::view)
                        .toList());
    }

    private static JobItemView view(BulkRun.Item item) {
        return new JobItemView(
                item.account().value(),
                item.username().orElse(null),
                item.refusal().map(why -> why.wireName()).orElse(null));
    }

    private BulkRun run(String id, HttpServletRequest request) {
        Optional<String> valid = Identifiers.find(id);
        return valid.flatMap(one -> jobs.find(by(request), one)).orElseThrow(Refusal::notFound);
    }

    private static JobView view(BulkRun run) {
        return new JobView(
                run.id(),
                run.kind().wireName(),
                run.starterName(),
                run.total(),
                run.done(),
                run.refused(),
                run.isFinished(),
                run.createdAt(),
                run.startedAt().orElse(null),
                run.cancelledAt().orElse(null),
                run.finishedAt().orElse(null));
    }

    private static Administrator by(HttpServletRequest request) {
        return Outcomes.by(ApiCaller.of(request));
    }
}
