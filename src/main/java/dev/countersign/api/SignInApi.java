package dev.countersign.api;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Answer;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Target;
import dev.countersign.session.Admission;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.Token;
import dev.countersign.web.Access;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Sign-in for applications that have pages of their own. The same flow as in the browser: a sign-in is begun, its factors are
 * answered one after the other with the sign-in's own token, and the last answer yields a session token.
 */
@RestController
final class SignInApi {
    private final SignInService signIns;
    private final Sessions sessions;
    private final Accounts accounts;
    private final Admission admission;
    private final Clock clock;

    SignInApi(SignInService signIns, Sessions sessions, Accounts accounts, Admission admission, Clock clock) {
        this.signIns = signIns;
        this.sessions = sessions;
        this.accounts = accounts;
        this.admission = admission;
        this.clock = clock;
    }

    /** What begins a sign-in. With a password, it is answered at once. */
    record Begin(@Nullable String username, @Nullable String password) {
        @Override
        public String toString() {
            return "Begin(hidden)";
        }
    }

    /** An answer: {@code password} for the password, {@code code} for everything else. */
    record Reply(
            @Nullable String factor,
            @Nullable String password,
            @Nullable String code) {
        @Override
        public String toString() {
            return "Reply(hidden)";
        }
    }

    record Offered(String factor) {}

    record SessionToken(String token, Instant expiresAt) {}

    record State(
            String id,
            @Nullable String token,
            String state,
            List<Offered> offer,
            @Nullable Instant expiresAt,
            @Nullable SessionToken session) {}

    record ProofView(String factor, Instant at) {}

    record SessionView(
            String account, String username, String displayName, List<ProofView> proofs, Instant expiresAt) {}

    @PostMapping(path = "/api/v1/sign-ins", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.PUBLIC)
    ResponseEntity<?> begin(@RequestBody Begin body, HttpServletRequest request) {
        String username = body.username();
        if (username == null) {
            return Problems.invalid("username is missing", request);
        }
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Held held = signIns.open(environment, Channel.BEARER, username, Target.ACCOUNT, clock.instant());
        String password = body.password();
        if (password == null) {
            return reply(new Step.At(held), held, HttpStatus.CREATED, request);
        }
        Step step =
                signIns.answer(held, FactorKind.PASSWORD, Answer.Typed.of(password), caller(request), clock.instant());
        if (!(step instanceof Step.At)) {
            signIns.abandon(held);
        }
        return reply(step, held, HttpStatus.CREATED, request);
    }

    @PostMapping(path = "/api/v1/sign-ins/{id}/answers", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.BEARER)
    ResponseEntity<?> answer(
            @PathVariable("id") String id,
            @RequestHeader(name = "Authorization", required = false) @Nullable String authorization,
            @RequestBody Reply body,
            HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Optional<Held> held = token(authorization)
                .flatMap(token -> signIns.find(environment, Channel.BEARER, token, clock.instant()))
                .filter(found -> found.state().heading().id().value().equals(id));
        if (held.isEmpty()) {
            return Problems.signInFailed(request);
        }
        Optional<FactorKind> factor = factor(body.factor());
        String typed = factor.filter(kind -> kind == FactorKind.PASSWORD).isPresent() ? body.password() : body.code();
        if (factor.isEmpty() || typed == null) {
            return Problems.invalid(
                    "factor must be password, totp, recovery or replacement, with password or code beside it", request);
        }
        Step step = signIns.answer(held.get(), factor.get(), Answer.Typed.of(typed), caller(request), clock.instant());
        return reply(step, held.get(), HttpStatus.OK, request);
    }

    @GetMapping("/api/v1/session")
    @Access(Access.Level.BEARER)
    ResponseEntity<?> session(
            @RequestHeader(name = "Authorization", required = false) @Nullable String authorization,
            HttpServletRequest request) {
        Optional<Session> session = live(authorization, request);
        if (session.isEmpty()) {
            return Problems.notSignedIn(request);
        }
        Account account = accounts.get(session.get().account());
        List<ProofView> proofs = session.get().proofs().all().stream()
                .map(proof -> new ProofView(proof.kind().wireName(), proof.at()))
                .toList();
        return ResponseEntity.ok(new SessionView(
                account.id().value(),
                account.username(),
                account.displayName(),
                proofs,
                session.get().expiresAt()));
    }

    @DeleteMapping("/api/v1/session")
    @Access(Access.Level.BEARER)
    ResponseEntity<?> signOut(
            @RequestHeader(name = "Authorization", required = false) @Nullable String authorization,
            HttpServletRequest request) {
        Optional<Session> session = live(authorization, request);
        if (session.isEmpty()) {
            return Problems.notSignedIn(request);
        }
        Account account = accounts.get(session.get().account());
        sessions.end(
                account.environment(),
                account.id(),
                session.get().id(),
                ActivityEvent.EndReason.SIGNED_OUT,
                Actor.person(account.id(), account.username()),
                RequestFacts.of(request).origin("api"),
                clock.instant());
        return ResponseEntity.noContent().build();
    }

    private Optional<Session> live(@Nullable String authorization, HttpServletRequest request) {
        Instant now = clock.instant();
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return token(authorization)
                .flatMap(token -> sessions.find(environment, Channel.BEARER, token, now))
                .filter(session -> admission.admits(session, Target.ACCOUNT, now));
    }

    private ResponseEntity<?> reply(Step step, Held held, HttpStatus success, HttpServletRequest request) {
        return switch (step) {
            case Step.At(Held next) -> ResponseEntity.status(success).body(state(next, success == HttpStatus.CREATED));
            case Step.Done(var issued, var _) ->
                ResponseEntity.status(success)
                        .body(new State(
                                held.state().heading().id().value(),
                                null,
                                "complete",
                                List.of(),
                                null,
                                new SessionToken(
                                        issued.token().reveal(),
                                        issued.session().expiresAt())));
            case Step.Wrong _, Step.Gone _, Step.Unfit _ -> Problems.signInFailed(request);
            case Step.Wait(var pause) -> Problems.tooMany(pause, request);
            case Step.Busy() -> Problems.busy(request);
        };
    }

    private static State state(Held held, boolean first) {
        SignIn state = held.state();
        String token = first ? held.token().reveal() : null;
        return new State(
                state.heading().id().value(),
                token,
                name(state),
                offer(state).map(kind -> new Offered(kind.wireName())).toList(),
                state.heading().expiresAt(),
                null);
    }

    private static String name(SignIn state) {
        return switch (state) {
            case SignIn.Started _ -> "started";
            case SignIn.Asked _ -> "asked";
            case SignIn.Challenged _ -> "challenged";
            case SignIn.MustEnrol _ -> "must-enrol";
            case SignIn.Complete _ -> "complete";
            case SignIn.Refused _ -> "refused";
        };
    }

    private static Stream<FactorKind> offer(SignIn state) {
        Set<FactorKind> kinds = switch (state) {
            case SignIn.Asked asked -> asked.offer();
            case SignIn.Challenged challenged -> challenged.offer();
            case SignIn.MustEnrol must -> Set.of(must.kind());
            case SignIn.Started _, SignIn.Complete _, SignIn.Refused _ -> Set.of();
        };
        return kinds.stream().sorted();
    }

    private static Optional<FactorKind> factor(@Nullable String name) {
        return Stream.of(FactorKind.values())
                .filter(kind -> kind.wireName().equals(name))
                .findFirst();
    }

    private static Optional<Token> token(@Nullable String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                ? Token.parse(authorization.substring(7))
                : Optional.empty();
    }

    private static Caller caller(HttpServletRequest request) {
        return new Caller(RequestFacts.of(request).origin("api"), Channel.BEARER, Optional.empty());
    }
}
