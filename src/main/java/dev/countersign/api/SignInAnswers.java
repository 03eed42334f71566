package dev.countersign.api;

import dev.countersign.directory.Accounts;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Base32;
import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.Material;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Steps of a sign-in as REST answers them. */
@Component
final class SignInAnswers {
    private final Accounts accounts;
    private final SignInService signIns;
    private final Clock clock;

    SignInAnswers(Accounts accounts, SignInService signIns, Clock clock) {
        this.accounts = accounts;
        this.signIns = signIns;
        this.clock = clock;
    }

    /**
     * A factor that can be answered now.
     *
     * @param digits for {@code push}: what the person types on the phone; show it
     * @param state for {@code push}: {@code open}, {@code approved}, {@code expired}, or {@code held-back} when no phone was
     *     asked
     */
    record Offered(
            String factor,
            @Nullable String digits,
            @Nullable String state) {}

    /** What opens the session. */
    record SessionToken(String token, Instant expiresAt) {}

    /**
     * What has to be registered before going on.
     *
     * @param secret of an app, in Base32
     * @param otpauth the same for a QR code
     * @param recoveryCode to be kept by the person; its last group is the answer
     * @param shortestPassword characters a new password has at least
     */
    record Registration(
            String factor,
            @Nullable String secret,
            @Nullable String otpauth,
            @Nullable String recoveryCode,
            @Nullable Integer shortestPassword) {
        @Override
        public String toString() {
            return "Registration(" + factor + ", hidden)";
        }
    }

    /**
     * Where a sign-in stands.
     *
     * @param token for the next steps; in the first answer alone
     * @param state {@code asked}, {@code must-enrol} or {@code complete}
     */
    record State(
            String id,
            @Nullable String token,
            String state,
            List<Offered> offer,
            @Nullable Registration register,
            @Nullable Instant expiresAt,
            @Nullable SessionToken session) {}

    static Caller caller(HttpServletRequest request) {
        return new Caller(RequestFacts.of(request).origin("api"), Channel.BEARER, Optional.empty());
    }

    /** The first answer, which holds the token of the sign-in. */
    State first(Step step, String id, HttpServletRequest request) {
        return step instanceof Step.At(Held held)
                ? state(held, held.token().reveal(), request)
                : later(step, id, request);
    }

    /** An answer to a sign-in whose token is known. */
    State later(Step step, String id, HttpServletRequest request) {
        return switch (step) {
            case Step.At(Held held) -> state(held, null, request);
            case Step.Done(var issued, var _) -> {
                String token = issued.token().reveal();
                Instant end = issued.session().expiresAt();
                yield new State(id, null, "complete", List.of(), null, null, new SessionToken(token, end));
            }
            case Step.Wrong(Held held, var _) when held.state() instanceof SignIn.MustEnrol -> throw wrongNewFactor();
            case Step.Wrong _, Step.Gone _ -> throw failed();
            case Step.Unfit(var _, PasswordRules.Problem problem) -> throw unfit(problem);
            case Step.Wait(var pause) ->
                throw Refusal.until(
                        ProblemType.TOO_MANY_ATTEMPTS,
                        pause,
                        "Too many attempts. Wait " + pause.toSeconds() + " seconds.");
            case Step.Busy() -> throw busy();
        };
    }

    /** Every refused sign-in looks like this one: what was wrong does not show. */
    static Refusal failed() {
        return Refusal.of(
                ProblemType.SIGN_IN_FAILED,
                "Login failed. Please check your login details and try again. Otherwise contact your administrator.");
    }

    static Refusal busy() {
        return Refusal.of(ProblemType.BUSY, "Many people are signing in at this moment. Try again in a few seconds.");
    }

    private static Refusal wrongNewFactor() {
        return Refusal.of(
                ProblemType.CODE_WRONG,
                "code",
                "This is not the code the new app shows, or not the last group of the new recovery code.");
    }

    static Refusal unfit(PasswordRules.Problem problem) {
        String why = switch (problem) {
            case TOO_SHORT -> "It has fewer than " + PasswordRules.SHORTEST + " characters.";
            case TOO_LONG -> "It has more than " + PasswordRules.LONGEST + " characters.";
            case COMMON -> "It is one of the first that are guessed. Choose another.";
            case LIKE_NAME -> "It is too much like the name. Choose another.";
        };
        return Refusal.of(ProblemType.PASSWORD_UNFIT, "password", why);
    }

    private State state(Held held, @Nullable String token, HttpServletRequest request) {
        SignIn state = held.state();
        return new State(
                state.heading().id().value(),
                token,
                name(state),
                offer(state).stream().sorted().map(kind -> offered(kind, held)).toList(),
                registration(held, request),
                state.heading().expiresAt(),
                null);
    }

    private Offered offered(FactorKind kind, Held held) {
        if (kind != FactorKind.PUSH || !(held.state() instanceof SignIn.Asked)) {
            return new Offered(kind.wireName(), null, null);
        }
        Instant now = clock.instant();
        return signIns.approval(held)
                .map(asked -> new Offered(
                        kind.wireName(), asked.digits(), asked.stateAt(now).wireName()))
                .orElseGet(() -> new Offered(kind.wireName(), null, "held-back"));
    }

    private @Nullable Registration registration(Held held, HttpServletRequest request) {
        if (!(held.state() instanceof SignIn.MustEnrol must)) {
            return null;
        }
        String kind = must.kind().wireName();
        return switch (held.material().orElse(null)) {
            case Material.App(SecretBytes secret) -> {
                String issuer = RequestFacts.of(request).environment().displayName();
                String username = accounts.get(must.account()).username();
                String link = OtpauthUri.of(Totp.DEFAULT, secret, issuer, username);
                yield new Registration(kind, Base32.encode(secret), link, null, null);
            }
            case Material.RecoveryCode(SecretText code) ->
                new Registration(kind, null, null, String.join("-", RecoveryCodes.groups(code)), null);
            case null -> new Registration(kind, null, null, null, PasswordRules.SHORTEST);
        };
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

    private static Set<FactorKind> offer(SignIn state) {
        return switch (state) {
            case SignIn.Asked asked -> asked.offer();
            case SignIn.Challenged challenged -> challenged.offer();
            case SignIn.MustEnrol must -> Set.of(must.kind());
            case SignIn.Started _, SignIn.Complete _, SignIn.Refused _ -> Set.of();
        };
    }
}
