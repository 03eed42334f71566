package dev.countersign.api;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Target;
import dev.countersign.session.Admission;
import dev.countersign.session.Notices;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.Token;
import dev.countersign.web.Access;
import dev.countersign.web.Bearer;
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
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The session of a native application: who is signed in, signing out, and showing a factor once more or registering one. */
@RestController
final class SessionApi {
    private final SignInService signIns;
    private final SignInAnswers replies;
    private final Sessions sessions;
    private final Accounts accounts;
    private final Admission admission;
    private final Notices notices;
    private final Clock clock;

    SessionApi(
            SignInService signIns,
            SignInAnswers replies,
            Sessions sessions,
            Accounts accounts,
            Admission admission,
            Notices notices,
            Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.sessions = sessions;
        this.accounts = accounts;
        this.admission = admission;
        this.notices = notices;
        this.clock = clock;
    }

    /** A factor that was shown, and when. */
    record ProofView(String factor, Instant at) {}

    /** What the person is to be reminded of until it is done, and the day it is about. */
    record NoticeView(String notice, @Nullable Instant at) {}

    /** A live session. */
    record SessionView(
            String account,
            String username,
            String displayName,
            List<ProofView> proofs,
            List<NoticeView> notices,
            Instant expiresAt) {}

    /**
     * Why a person signs in once more.
     *
     * @param place {@code account} (the default) or {@code console}, where a second factor is always asked for
     * @param wish {@code confirm} (the default), {@code set-up-app}, {@code new-recovery-code} or {@code change-password}
     */
    record Again(@Nullable String place, @Nullable String wish) {}

    @GetMapping("/api/v1/session")
    @Access(Access.Level.BEARER)
    @Operation(value = "Who is signed in, and what they have shown.", problems = ProblemType.NOT_SIGNED_IN)
    SessionView getSession(HttpServletRequest request) {
        Session session = live(request);
        Account account = accounts.get(session.account());
        List<ProofView> proofs = session.proofs().all().stream()
                .map(proof -> new ProofView(proof.kind().wireName(), proof.at()))
                .toList();
        List<NoticeView> reminders = notices.of(account.id(), clock.instant()).stream()
                .map(notice -> new NoticeView(notice.wireName(), notice.at().orElse(null)))
                .toList();
        return new SessionView(
                account.id().value(),
                account.username(),
                account.displayName(),
                proofs,
                reminders,
                session.expiresAt());
    }

    @DeleteMapping("/api/v1/session")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(Access.Level.BEARER)
    @Operation(value = "Sign out.", problems = ProblemType.NOT_SIGNED_IN)
    void endSession(HttpServletRequest request) {
        Session session = live(request);
        Account account = accounts.get(session.account());
        sessions.end(
                account.environment(),
                account.id(),
                session.id(),
                ActivityEvent.EndReason.SIGNED_OUT,
                Actor.person(account.id(), account.username()),
                RequestFacts.of(request).origin("api"),
                clock.instant());
    }

    @PostMapping(path = "/api/v1/session/sign-ins", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(Access.Level.BEARER)
    @Operation(
            value =
                    "Sign in once more: to show a factor again, to register an app, or to choose a new password. The new"
                            + " session replaces this one.",
            problems = {ProblemType.NOT_SIGNED_IN, ProblemType.SIGN_IN_FAILED, ProblemType.BUSY})
    SignInAnswers.State signInAgain(@RequestBody Again body, HttpServletRequest request) {
        Session session = live(request);
        Target place = switch (body.place()) {
            case null -> Target.ACCOUNT;
            case "account" -> Target.ACCOUNT;
            case "console" -> Target.CONSOLE;
            default -> throw Refusal.of(ProblemType.INVALID_REQUEST, "place", "place is account or console");
        };
        Target.Wish wish = switch (body.wish()) {
            case null -> Target.Wish.CONFIRM;
            case "confirm" -> Target.Wish.CONFIRM;
            case "set-up-app" -> Target.Wish.SET_UP_APP;
            case "new-recovery-code" -> Target.Wish.NEW_RECOVERY_CODE;
            case "change-password" -> Target.Wish.CHANGE_PASSWORD;
            default ->
                throw Refusal.of(
                        ProblemType.INVALID_REQUEST,
                        "wish",
                        "wish is confirm, set-up-app, new-recovery-code or change-password");
        };
        Step step = signIns.resume(session, place.wishing(wish), SignInAnswers.caller(request), clock.instant());
        return replies.first(step, session.id().value(), request);
    }

    private Session live(HttpServletRequest request) {
        Instant now = clock.instant();
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return Bearer.of(request)
                .flatMap(Token::parse)
                .flatMap(token -> sessions.find(environment, Channel.BEARER, token, now))
                .filter(session -> admission.admits(session, Target.ACCOUNT, now))
                .orElseThrow(() ->
                        Refusal.of(ProblemType.NOT_SIGNED_IN, "Send a live session token as 'Authorization: Bearer'."));
    }
}
