package dev.countersign.web;

import dev.countersign.apikey.ApiKeys;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Target;
import dev.countersign.session.Admission;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.vault.Token;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Who may call a REST route: an API key with the right scopes, or a session that is good enough for the console. */
@Component
final class ApiAccess {
    private static final Duration FRESH = Duration.ofMinutes(5);

    private final ApiKeys keys;
    private final Sessions sessions;
    private final Accounts accounts;
    private final Admission admission;

    ApiAccess(ApiKeys keys, Sessions sessions, Accounts accounts, Admission admission) {
        this.keys = keys;
        this.sessions = sessions;
        this.accounts = accounts;
        this.admission = admission;
    }

    /** The caller, attached to the request, or a {@link Refusal} that says what is missing. */
    ApiCaller require(HttpServletRequest request, Access access, Instant now) {
        String presented = Bearer.of(request)
                .orElseThrow(() -> Refusal.of(
                        ProblemType.NOT_AUTHENTICATED,
                        "Send an API key or a session token as 'Authorization: Bearer'."));
        ApiCaller caller = presented.startsWith(ApiKeys.MARK)
                ? byKey(presented, request, access, now)
                : bySession(presented, request, access, now);
        for (Permission permission : access.needs()) {
            if (!caller.rights().may(permission)) {
                throw Refusal.of(
                        ProblemType.PERMISSION_MISSING,
                        permission.wireName(),
                        "This needs the permission '" + permission.wireName() + "', of the key and of its owner.");
            }
        }
        caller.attach(request);
        return caller;
    }

    private ApiCaller byKey(String presented, HttpServletRequest request, Access access, Instant now) {
        RequestFacts facts = RequestFacts.of(request);
        ApiKeys.InUse key = keys.find(facts.environment().id(), presented, facts.address(), now)
                .orElseThrow(ApiAccess::opensNothing);
        if (access.value() == Access.Level.OPERATOR && !key.isOperator()) {
            throw operatorsOnly();
        }
        return ApiCaller.of(key, facts.origin("api"));
    }

    private ApiCaller bySession(String presented, HttpServletRequest request, Access access, Instant now) {
        RequestFacts facts = RequestFacts.of(request);
        Session session = Token.parse(presented)
                .flatMap(token -> sessions.find(facts.environment().id(), Channel.BEARER, token, now))
                .filter(found -> admission.admits(found, Target.ACCOUNT, now))
                .orElseThrow(ApiAccess::opensNothing);
        Account account = accounts.get(session.account());
        if (access.value() == Access.Level.OPERATOR) {
            throw operatorsOnly();
        }
        Rights rights = accounts.rights(account);
        if (!rights.openConsole()) {
            throw Refusal.of(ProblemType.PERMISSION_MISSING, "This person's role may not administer anything.");
        }
        if (!admission.admits(session, Target.CONSOLE, now)) {
            throw stepUp(Optional.empty());
        }
        if ((access.fresh() || changes(request)) && !admission.isFresh(session, Target.CONSOLE, now)) {
            throw stepUp(Optional.of(FRESH));
        }
        return ApiCaller.of(session, account, rights, facts.origin("api"));
    }

    /** A session is a person's: what it changes takes more than a token that lies around. */
    private static boolean changes(HttpServletRequest request) {
        return !request.getMethod().equals("GET") && !request.getMethod().equals("HEAD");
    }

    private static Refusal opensNothing() {
        return Refusal.of(
                ProblemType.INVALID_TOKEN, "It is wrong, has expired, was revoked, or its owner is disabled.");
    }

    private static Refusal operatorsOnly() {
        return Refusal.of(
                ProblemType.PERMISSION_MISSING,
                "operator",
                "This needs an API key with the scope 'operator', which only the command line of the server hands out.");
    }

    private static Refusal stepUp(Optional<Duration> age) {
        String detail = "Show the second factor once more: POST /api/v1/session/sign-ins {\"place\": \"console\"}.";
        return age.map(oldest -> Refusal.until(ProblemType.INSUFFICIENT_USER_AUTHENTICATION, oldest, detail))
                .orElseGet(() -> Refusal.of(ProblemType.INSUFFICIENT_USER_AUTHENTICATION, detail));
    }
}
