package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.SecurityAdministration;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A requirement that starts by an event and a delay. */
@RestController
final class AutomaticStartApi {
    private final Policies policies;
    private final SecurityAdministration administration;
    private final Scopes scopes;
    private final Clock clock;

    AutomaticStartApi(Policies policies, SecurityAdministration administration, Scopes scopes, Clock clock) {
        this.policies = policies;
        this.administration = administration;
        this.scopes = scopes;
        this.clock = clock;
    }

    /** What is waited for, and when it starts once the event has come. */
    record AutomaticStartView(
            String event,
            long delayMinutes,
            Scopes.ScopeView scope,
            @Nullable Instant eventAt,
            @Nullable Instant startsAt) {}

    /** What is to be waited for. Without a delay, a day. */
    record NewAutomaticStart(String event, @Nullable Long delayMinutes, Scopes.ScopeView scope) {}

    /** Another date. */
    record StartDate(Instant startsAt) {}

    @GetMapping("/api/v1/policy/automatic-start")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation(value = "The automatic start, if one is set.", problems = ProblemType.NOT_FOUND)
    AutomaticStartView getAutomaticStart(HttpServletRequest request) {
        return policies.automaticStart(environment(request))
                .map(AutomaticStartApi::view)
                .orElseThrow(Refusal::notFound);
    }

    @PutMapping(path = "/api/v1/policy/automatic-start", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value = "Let the requirement start some time after an event.",
            problems = {ProblemType.INVALID_VALUE, ProblemType.NOT_ENTITLED})
    AutomaticStartView setAutomaticStart(@RequestBody NewAutomaticStart body, HttpServletRequest request) {
        Long minutes = body.delayMinutes();
        Duration delay =
                minutes == null ? AutomaticStart.USUAL_DELAY : Duration.ofMinutes(Math.clamp(minutes, -1, 1_000_000));
        AutomaticStart start = Outcomes.done(administration.armStart(
                by(request),
                Bodies.required("event", body.event()),
                delay,
                scopes.read(environment(request), Bodies.required("scope", body.scope())),
                clock.instant()));
        return view(start);
    }

    @PutMapping(path = "/api/v1/policy/automatic-start/date", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value = "Move the start, once the event has come.",
            problems = {ProblemType.NOT_FOUND, ProblemType.INVALID_VALUE})
    AutomaticStartView moveAutomaticStart(@RequestBody StartDate body, HttpServletRequest request) {
        Instant date = Bodies.required("startsAt", body.startsAt());
        return view(Outcomes.done(administration.moveStart(by(request), date, clock.instant())));
    }

    @DeleteMapping("/api/v1/policy/automatic-start")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(value = "Take the automatic start back.", problems = ProblemType.NOT_FOUND)
    void removeAutomaticStart(HttpServletRequest request) {
        Outcomes.done(administration.disarmStart(by(request), clock.instant()));
    }

    @PostMapping("/api/v1/policy/events/{name}")
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation("Say that an event has come. One that came before changes nothing.")
    AutomaticStartView reportEvent(@PathVariable("name") String name, HttpServletRequest request) {
        if (!AutomaticStart.isEvent(name)) {
            throw Refusal.notFound();
        }
        return view(Outcomes.done(administration.event(by(request), name, clock.instant())));
    }

    private static AutomaticStartView view(AutomaticStart start) {
        return new AutomaticStartView(
                start.event(),
                start.delay().toMinutes(),
                Scopes.view(start.scope()),
                start.eventAt().orElse(null),
                start.startsAt().orElse(null));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }

    private static Administrator by(HttpServletRequest request) {
        return Outcomes.by(ApiCaller.of(request));
    }
}
