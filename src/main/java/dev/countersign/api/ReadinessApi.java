package dev.countersign.api;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.people.Readiness;
import dev.countersign.people.ReadinessExport;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The readiness report: what would happen to whom if a second factor were required, of everyone or of those named. */
@RestController
final class ReadinessApi {
    private final Readiness readiness;
    private final ReadinessExport export;
    private final Scopes scopes;
    private final Lists lists;
    private final Clock clock;

    ReadinessApi(Readiness readiness, ReadinessExport export, Scopes scopes, Lists lists, Clock clock) {
        this.readiness = readiness;
        this.export = export;
        this.scopes = scopes;
        this.lists = lists;
        this.clock = clock;
    }

    /**
     * What would happen to a person if a second factor were required.
     *
     * @param verdict {@code locked-out}, {@code asked-to-enrol} or {@code fine}
     * @param companion whether there is a phone that approves
     */
    record ReadinessView(
            String id,
            String username,
            String displayName,
            String email,
            String verdict,
            boolean twoFactor,
            boolean password,
            boolean companion,
            boolean emailConfirmed,
            @Nullable Instant exemptUntil,
            @Nullable Instant lastSignInAt) {}

    /** The report in numbers. */
    record ReadinessSummary(
            long lockedOut,
            long askedToEnrol,
            long fine,
            long addressNotConfirmed,
            long neverSignedIn,
            long withoutCompanion) {}

    @GetMapping("/api/v1/policy/readiness")
    @Access(
            value = Access.Level.API,
            needs = {Permission.VIEW_SETTINGS, Permission.VIEW_PEOPLE})
    @Operation(
            value =
                    "What would happen to each person if a second factor were required of everyone, or of the groups and"
                            + " people named. With Accept: text/csv all of it as a table.",
            problems = ProblemType.INVALID_VALUE)
    ResponseEntity<Page<ReadinessView>> listReadiness(
            @RequestParam(name = "group", required = false) @Nullable List<String> groups,
            @RequestParam(name = "person", required = false) @Nullable List<String> people,
            @RequestParam(name = "verdict", required = false) @Nullable String verdict,
            @RequestParam(name = "companion", required = false) @Nullable String companion,
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        Rules rules = required(environment, groups, people);
        Readiness.Wanted wanted = wanted(verdict, companion);
        Instant now = clock.instant();
        return lists.found("readiness " + rules + wanted, limit, cursor, request, (after, most) -> {
            List<Readiness.Line> found = readiness.lines(environment, rules, wanted, after.orElse(""), most + 1, now);
            List<Readiness.Line> shown = found.size() > most ? found.subList(0, most) : found;
            return new Lists.Found<>(
                    shown.stream().map(ReadinessApi::view).toList(),
                    found.size() > most
                            ? Optional.of(readiness.keyAfter(environment, shown.getLast()))
                            : Optional.empty());
        });
    }

    @GetMapping(path = "/api/v1/policy/readiness", produces = "text/csv")
    @Access(
            value = Access.Level.API,
            needs = {Permission.VIEW_SETTINGS, Permission.VIEW_PEOPLE})
    @Operation(value = "The readiness report as a table.", problems = ProblemType.INVALID_VALUE)
    void exportReadiness(
            @RequestParam(name = "group", required = false) @Nullable List<String> groups,
            @RequestParam(name = "person", required = false) @Nullable List<String> people,
            @RequestParam(name = "verdict", required = false) @Nullable String verdict,
            @RequestParam(name = "companion", required = false) @Nullable String companion,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Rules rules = required(environment(request), groups, people);
        Readiness.Wanted wanted = wanted(verdict, companion);
        response.setContentType("text/csv;charset=UTF-8");
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"readiness-report.csv\"");
        export.csv(environment(request), rules, wanted, clock.instant(), response.getOutputStream());
    }

    static Readiness.Wanted wanted(@Nullable String verdict, @Nullable String companion) {
        return new Readiness.Wanted(verdict(verdict), PeopleApi.companion(companion));
    }

    private static Optional<Readiness.Verdict> verdict(@Nullable String name) {
        return Optional.ofNullable(name)
                .map(one -> Readiness.Verdict.ofWireName(one)
                        .orElseThrow(() -> Refusal.of(
                                ProblemType.INVALID_REQUEST,
                                "verdict",
                                "verdict is locked-out, asked-to-enrol or fine")));
    }

    @GetMapping("/api/v1/policy/readiness/summary")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation(value = "The readiness report in numbers.", problems = ProblemType.INVALID_VALUE)
    ReadinessSummary summarizeReadiness(
            @RequestParam(name = "group", required = false) @Nullable List<String> groups,
            @RequestParam(name = "person", required = false) @Nullable List<String> people,
            HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        Readiness.Summary summary =
                readiness.summary(environment, required(environment, groups, people), clock.instant());
        return new ReadinessSummary(
                summary.of(Readiness.Verdict.LOCKED_OUT),
                summary.of(Readiness.Verdict.ASKED_TO_ENROL),
                summary.of(Readiness.Verdict.FINE),
                summary.addressNotConfirmed(),
                summary.neverSignedIn(),
                summary.withoutCompanion());
    }

    private Rules required(EnvironmentId environment, @Nullable List<String> groups, @Nullable List<String> people) {
        Scopes.ScopeView scope = new Scopes.ScopeView(groups == null && people == null, groups, people);
        return new Rules(Rules.Mode.REQUIRED, scopes.read(environment, scope), 0);
    }

    private static ReadinessView view(Readiness.Line line) {
        return new ReadinessView(
                line.id().value(),
                line.username(),
                line.displayName(),
                line.email(),
                line.verdict().wireName(),
                line.hasSecondFactor(),
                line.hasPassword(),
                line.hasCompanion(),
                line.emailConfirmed(),
                line.exemptUntil().orElse(null),
                line.lastSignInAt().orElse(null));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }
}
