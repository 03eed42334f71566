package dev.countersign.api;

import dev.countersign.factor.Answer;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Target;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.Token;
import dev.countersign.web.Access;
import dev.countersign.web.Bearer;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Sign-in for applications that have pages of their own. The same flow as in the browser: a sign-in is begun, its factors are
 * answered or registered one after the other with the sign-in's own token, and the last answer yields a session token.
 */
@RestController
final class SignInApi {
    private static final Set<FactorKind> CODES = Set.of(FactorKind.TOTP, FactorKind.RECOVERY, FactorKind.REPLACEMENT);

    private final SignInService signIns;
    private final SignInAnswers replies;
    private final Clock clock;

    SignInApi(SignInService signIns, SignInAnswers replies, Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.clock = clock;
    }

    /**
     * What begins a sign-in. With a password, it is answered at once, and with a code too.
     *
     * @param factor what the code is of; an app if absent
     */
    record Begin(
            String username,
            @Nullable String password,
            @Nullable String factor,
            @Nullable String code) {
        @Override
        public String toString() {
            return "Begin(hidden)";
        }
    }

    /** An answer: {@code password} for the password, nothing for {@code push}, {@code code} for everything else. */
    record Reply(
            String factor,
            @Nullable String password,
            @Nullable String code) {
        @Override
        public String toString() {
            return "Reply(hidden)";
        }
    }

    @PostMapping(path = "/api/v1/sign-ins", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(Access.Level.PUBLIC)
    @Operation(
            value = "Begin a sign-in, and answer its password, or password and code, at once if they are given.",
            problems = {ProblemType.SIGN_IN_FAILED, ProblemType.TOO_MANY_ATTEMPTS, ProblemType.BUSY})
    SignInAnswers.State beginSignIn(@RequestBody Begin body, HttpServletRequest request) {
        String username = Bodies.required("username", body.username());
        Optional<SignInService.Given> code = code(body);
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Held held = signIns.open(environment, Channel.BEARER, username, Target.ACCOUNT, clock.instant());
        if (body.password() == null) {
            return replies.first(new Step.At(held), id(held), request);
        }
        Answer password = Answer.Typed.of(body.password());
        Step step = code.isPresent()
                ? signIns.answerTogether(held, password, code, SignInAnswers.caller(request), clock.instant())
                : signIns.answer(held, FactorKind.PASSWORD, password, SignInAnswers.caller(request), clock.instant());
        if (!(step instanceof Step.At || step instanceof Step.Done)) {
            signIns.abandon(held, clock.instant());
        }
        return replies.first(step, id(held), request);
    }

    private static Optional<SignInService.Given> code(Begin body) {
        if (body.code() == null && body.factor() == null) {
            return Optional.empty();
        }
        FactorKind kind = factor(Objects.requireNonNullElse(body.factor(), FactorKind.TOTP.wireName()))
                .filter(CODES::contains)
                .orElseThrow(() -> Refusal.of(
                        ProblemType.INVALID_REQUEST, "factor", "factor must be totp, recovery or replacement"));
        String code = Bodies.required("code", body.code());
        if (body.password() == null) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, "password", "a code needs the password beside it");
        }
        return Optional.of(new SignInService.Given(kind, Answer.Typed.of(code)));
    }

    @GetMapping("/api/v1/sign-ins/{id}")
    @Access(Access.Level.BEARER)
    @Operation(value = "Where a sign-in stands.", problems = ProblemType.SIGN_IN_FAILED)
    SignInAnswers.State getSignIn(@PathVariable("id") String id, HttpServletRequest request) {
        return replies.later(new Step.At(held(id, request)), id, request);
    }

    @PostMapping(path = "/api/v1/sign-ins/{id}/answers", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.BEARER)
    @Operation(
            value = "Answer a factor that is offered, or confirm one that has to be registered.",
            problems = {
                ProblemType.SIGN_IN_FAILED,
                ProblemType.CODE_WRONG,
                ProblemType.PASSWORD_UNFIT,
                ProblemType.TOO_MANY_ATTEMPTS,
                ProblemType.BUSY
            })
    SignInAnswers.State answerSignIn(
            @PathVariable("id") String id, @RequestBody Reply body, HttpServletRequest request) {
        Held held = held(id, request);
        Optional<FactorKind> factor = factor(body.factor());
        if (factor.filter(kind -> kind == FactorKind.PUSH).isPresent() && held.state() instanceof SignIn.Asked) {
            return replies.later(signIns.goOn(held, SignInAnswers.caller(request), clock.instant()), id, request);
        }
        String typed = factor.filter(kind -> kind == FactorKind.PASSWORD).isPresent() ? body.password() : body.code();
        if (factor.isEmpty() || typed == null) {
            throw Refusal.of(
                    ProblemType.INVALID_REQUEST,
                    "factor must be push, or password, totp, recovery or replacement with password or code beside it");
        }
        Answer answer = Answer.Typed.of(typed);
        boolean registering = held.state() instanceof SignIn.MustEnrol must && must.kind() == factor.get();
        Step step = registering
                ? signIns.enrol(held, answer, SignInAnswers.caller(request), clock.instant())
                : signIns.answer(held, factor.get(), answer, SignInAnswers.caller(request), clock.instant());
        return replies.later(step, id, request);
    }

    private static String id(Held held) {
        return held.state().heading().id().value();
    }

    private Held held(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return Bearer.of(request)
                .flatMap(Token::parse)
                .flatMap(token -> signIns.find(environment, Channel.BEARER, token, clock.instant()))
                .filter(found -> found.state().heading().id().value().equals(id))
                .orElseThrow(SignInAnswers::failed);
    }

    static Optional<FactorKind> factor(@Nullable String name) {
        return Stream.of(FactorKind.values())
                .filter(kind -> kind.wireName().equals(name))
                .findFirst();
    }
}
