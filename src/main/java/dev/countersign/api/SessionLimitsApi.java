package dev.countersign.api;

import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Permission;
import dev.countersign.session.SessionSettings;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** How long people stay signed in. */
@RestController
final class SessionLimitsApi {
    private static final int MOST_MINUTES = 1_000_000;

    private final Environments environments;
    private final SecurityAdministration administration;
    private final SessionSettings standard;
    private final Clock clock;

    SessionLimitsApi(
            Environments environments, SecurityAdministration administration, SessionSettings standard, Clock clock) {
        this.environments = environments;
        this.administration = administration;
        this.standard = standard;
        this.clock = clock;
    }

    /**
     * How long sessions last.
     *
     * @param idleMinutes without use: 5 minutes to 30 days
     * @param longestMinutes in all: not shorter than that, at most 90 days
     */
    record SessionLimitsView(int idleMinutes, int longestMinutes) {}

    @GetMapping("/api/v1/policy/sessions")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("How long people stay signed in.")
    SessionLimitsView getSessionLimits(HttpServletRequest request) {
        return environments
                .sessionLimits(RequestFacts.of(request).environment().id())
                .map(limits -> view(limits.idle(), limits.longest()))
                .orElseGet(() -> view(standard.idle(), standard.absolute()));
    }

    private static SessionLimitsView view(Duration idle, Duration longest) {
        return new SessionLimitsView((int) idle.toMinutes(), (int) longest.toMinutes());
    }

    @PutMapping(path = "/api/v1/policy/sessions", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value = "Set how long people stay signed in, those who are signed in included.",
            problems = ProblemType.INVALID_VALUE)
    SessionLimitsView setSessionLimits(@RequestBody SessionLimitsView body, HttpServletRequest request) {
        Outcomes.done(administration.changeSessions(
                Outcomes.by(ApiCaller.of(request)),
                Duration.ofMinutes(Math.min(body.idleMinutes(), MOST_MINUTES)),
                Duration.ofMinutes(Math.min(body.longestMinutes(), MOST_MINUTES)),
                clock.instant()));
        return getSessionLimits(request);
    }
}
