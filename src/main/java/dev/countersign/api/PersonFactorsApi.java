package dev.countersign.api;

import dev.countersign.administration.PeopleAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.SessionId;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.signin.Forecasts;
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
import java.util.List;
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

/** What the help desk does for a person: reset, unlock, exempt, and end sessions. */
@RestController
final class PersonFactorsApi {
    private final PeopleAdministration administration;
    private final Accounts accounts;
    private final Sessions sessions;
    private final Forecasts forecasts;
    private final Clock clock;

    PersonFactorsApi(
            PeopleAdministration administration,
            Accounts accounts,
            Sessions sessions,
            Forecasts forecasts,
            Clock clock) {
        this.administration = administration;
        this.accounts = accounts;
        this.sessions = sessions;
        this.forecasts = forecasts;
        this.clock = clock;
    }

    /** Why someone needs no second factor, and until when. */
    record ExemptionChange(String reason, Instant until) {}

    /** A live session of a person. */
    record PersonSessionView(
            String id,
            String door,
            String address,
            String browser,
            List<String> factors,
            Instant createdAt,
            Instant lastSeenAt,
            Instant expiresAt) {}

    /** The live sessions of a person, the last used first. */
    record PersonSessions(List<PersonSessionView> items) {}

    @PostMapping("/api/v1/people/{id}/reset")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(
            value =
                    "Remove a person's app and recovery code and end their sessions; the next sign-in shows a new QR code.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    void resetPerson(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.reset(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), clock.instant()));
    }

    /** A code for a person whose phone is replaced: to be read out, shown once. */
    record ReplacementView(String code, Instant expiresAt) {
        @Override
        public String toString() {
            return "ReplacementView(hidden)";
        }
    }

    @PostMapping("/api/v1/people/{id}/replace-phone")
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(
            value =
                    "A code to read out to a person with a new phone: after their password it lets them register it, once.",
            problems = {ProblemType.FORBIDDEN, ProblemType.CONFLICT})
    ReplacementView replacePhone(@PathVariable("id") String id, HttpServletRequest request) {
        ReplacementCodes.Issued issued = Outcomes.done(
                administration.replacePhone(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), clock.instant()));
        return new ReplacementView(issued.code().reveal(), issued.expiresAt());
    }

    @PostMapping("/api/v1/people/{id}/unlock")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(
            value = "Let a person's answers be looked at again after too many wrong ones.",
            problems = ProblemType.FORBIDDEN)
    void unlockPerson(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.unlock(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), clock.instant()));
    }

    @PutMapping(path = "/api/v1/people/{id}/exemption", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation(
            value = "Exempt a person from the requirement until a date, for a reason.",
            problems = {ProblemType.FORBIDDEN, ProblemType.INVALID_VALUE})
    void exemptPerson(@PathVariable("id") String id, @RequestBody ExemptionChange body, HttpServletRequest request) {
        String reason = Bodies.required("reason", body.reason());
        Instant until = Bodies.required("until", body.until());
        Outcomes.done(administration.exempt(
                Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), reason, until, clock.instant()));
    }

    @DeleteMapping("/api/v1/people/{id}/exemption")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation(value = "End a person's exemption.", problems = ProblemType.FORBIDDEN)
    void endExemption(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(
                administration.endExemption(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), clock.instant()));
    }

    @GetMapping("/api/v1/people/{id}/sessions")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("The live sessions of a person.")
    PersonSessions listSessions(@PathVariable("id") String id, HttpServletRequest request) {
        AccountId account = found(id, request).id();
        return new PersonSessions(sessions.liveOf(account, clock.instant()).stream()
                .map(PersonFactorsApi::view)
                .toList());
    }

    @DeleteMapping("/api/v1/people/{id}/sessions")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(value = "End all sessions of a person, and every sign-in under way.", problems = ProblemType.FORBIDDEN)
    void endSessions(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(
                administration.endSessions(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), clock.instant()));
    }

    @DeleteMapping("/api/v1/people/{id}/sessions/{session}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(value = "End one session of a person.", problems = ProblemType.FORBIDDEN)
    void endOneSession(
            @PathVariable("id") String id, @PathVariable("session") String session, HttpServletRequest request) {
        SessionId one = Identifiers.find(session).map(SessionId::new).orElseThrow(Refusal::notFound);
        Outcomes.done(
                administration.endSession(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), one, clock.instant()));
    }

    /**
     * What would be asked of a person at one place, after the password.
     *
     * @param place {@code account} or {@code console}
     * @param asked {@code nothing}, {@code code}, {@code read-out-code}, {@code set-up}, {@code recovery-code},
     *     {@code new-password} or {@code denied}
     * @param rule the rule that decides, such as {@code required-group}
     * @param name of the group or person the rule names, or whatever else it says
     */
    record ForecastView(
            String place,
            String asked,
            String rule,
            @Nullable String name) {}

    /** What would be asked, place by place. */
    record Forecast(List<ForecastView> items) {}

    @GetMapping("/api/v1/people/{id}/forecast")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("What would be asked of a person who signed in now, and the rule that says so.")
    Forecast forecastPerson(@PathVariable("id") String id, HttpServletRequest request) {
        return new Forecast(forecasts.of(found(id, request), clock.instant()).stream()
                .map(PersonFactorsApi::view)
                .toList());
    }

    private static ForecastView view(Forecasts.Forecast forecast) {
        return new ForecastView(
                Scopes.wireName(forecast.place()),
                forecast.outcomeKey().substring(forecast.outcomeKey().indexOf('.') + 1),
                Scopes.wireName(forecast.why().rule()),
                forecast.why().argument().orElse(null));
    }

    private Account found(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return accounts.find(PeopleApi.id(id))
                .filter(account -> account.environment().equals(environment))
                .orElseThrow(Refusal::notFound);
    }

    private static PersonSessionView view(Session session) {
        return new PersonSessionView(
                session.id().value(),
                session.origin().door(),
                session.origin().address(),
                session.origin().browser(),
                session.proofs().kinds().stream().map(kind -> kind.wireName()).toList(),
                session.createdAt(),
                session.lastSeenAt(),
                session.expiresAt());
    }
}
