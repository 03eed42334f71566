package dev.countersign.api;

import dev.countersign.apikey.ApiKey;
import dev.countersign.factor.Answer;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Permission;
import dev.countersign.signin.Challenges;
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
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The second factor alone, for applications that keep their own passwords. */
@RestController
final class ChallengeApi {
    private final Challenges challenges;
    private final Clock clock;

    ChallengeApi(Challenges challenges, Clock clock) {
        this.challenges = challenges;
        this.clock = clock;
    }

    /** Whom to ask: user name or mail address. The application has checked their password. */
    record Ask(String username) {}

    /** What the person typed. */
    record Code(String factor, String code) {
        @Override
        public String toString() {
            return "Code(hidden)";
        }
    }

    /** Whom to ask, and what they have typed already. */
    record CodeOf(String username, String factor, String code) {
        @Override
        public String toString() {
            return "CodeOf(hidden)";
        }
    }

    /** A challenge that can be answered until it expires. */
    record ChallengeView(String id, List<SignInAnswers.Offered> offer, Instant expiresAt) {}

    /** The person has shown the factor. The challenge, if there was one, is used up. */
    record Verified(@Nullable String id, String state, String account, String username, String factor, Instant at) {}

    @PostMapping(path = "/api/v1/challenges", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(value = Access.Level.API, needs = Permission.CHALLENGE_PEOPLE)
    @Operation("Ask a person for their second factor. An unknown name is answered like a known one.")
    ChallengeView openChallenge(@RequestBody Ask body, HttpServletRequest request) {
        String username = Bodies.required("username", body.username());
        Challenges.Opened opened = challenges.open(application(request), username, clock.instant());
        List<SignInAnswers.Offered> offer = Challenges.OFFER.stream()
                .sorted()
                .map(kind -> new SignInAnswers.Offered(kind.wireName(), null, null))
                .toList();
        return new ChallengeView(opened.id(), offer, opened.expiresAt());
    }

    @PostMapping(path = "/api/v1/challenges/{id}/answers", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.CHALLENGE_PEOPLE)
    @Operation(
            value = "Answer a challenge. Every refusal is the same.",
            problems = {ProblemType.CHALLENGE_FAILED, ProblemType.TOO_MANY_ATTEMPTS, ProblemType.BUSY})
    Verified answerChallenge(@PathVariable("id") String id, @RequestBody Code body, HttpServletRequest request) {
        FactorKind kind = factor(body.factor());
        Answer answer = Answer.Typed.of(Bodies.required("code", body.code()));
        Instant now = clock.instant();
        return verified(challenges.answer(application(request), id, kind, answer, now), id, now);
    }

    @PostMapping(path = "/api/v1/verifications", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.CHALLENGE_PEOPLE)
    @Operation(
            value = "Check a code a person has typed already, in one call. Every refusal is the same.",
            problems = {ProblemType.CHALLENGE_FAILED, ProblemType.TOO_MANY_ATTEMPTS, ProblemType.BUSY})
    Verified verifyCode(@RequestBody CodeOf body, HttpServletRequest request) {
        String username = Bodies.required("username", body.username());
        FactorKind kind = factor(body.factor());
        Answer answer = Answer.Typed.of(Bodies.required("code", body.code()));
        Instant now = clock.instant();
        return verified(challenges.verify(application(request), username, kind, answer, now), null, now);
    }

    private static FactorKind factor(@Nullable String name) {
        return SignInApi.factor(name)
                .filter(Challenges.OFFER::contains)
                .orElseThrow(
                        () -> Refusal.of(ProblemType.INVALID_REQUEST, "factor", "factor must be totp or recovery"));
    }

    private static Verified verified(Challenges.Result result, @Nullable String id, Instant now) {
        return switch (result) {
            case Challenges.Result.Right(var account, var factor) ->
                new Verified(id, "verified", account.id().value(), account.username(), factor.wireName(), now);
            case Challenges.Result.Wrong() ->
                throw Refusal.of(ProblemType.CHALLENGE_FAILED, "The code is wrong, was used, or came too late.");
            case Challenges.Result.Wait(var pause) ->
                throw Refusal.until(
                        ProblemType.TOO_MANY_ATTEMPTS,
                        pause,
                        "Too many attempts. Wait " + pause.toSeconds() + " seconds.");
            case Challenges.Result.Busy() -> throw SignInAnswers.busy();
        };
    }

    /** A person's session cannot ask others: what is logged is which application asked. */
    private static Challenges.Application application(HttpServletRequest request) {
        RequestFacts facts = RequestFacts.of(request);
        ApiKey key = ApiCaller.of(request)
                .key()
                .orElseThrow(() -> Refusal.of(ProblemType.PERMISSION_MISSING, "This needs an API key."));
        return new Challenges.Application(facts.environment().id(), key.id(), key.name(), facts.origin("api"));
    }
}
