package dev.countersign.web;

import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import dev.countersign.session.Session;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Who sends a REST request: a program with an API key, or a person with a session. Attached by {@link AccessInterceptor}.
 *
 * @param account the person, or the owner of the key
 * @param rights what may be done with it now
 */
public record ApiCaller(Account account, Rights rights, Actor actor, Origin origin, Means means) {
    private static final String ATTRIBUTE = ApiCaller.class.getName();

    /** What was shown. */
    public sealed interface Means {
        record Key(ApiKey key) implements Means {}

        record Bearer(Session session) implements Means {}
    }

    static ApiCaller of(ApiKeys.InUse key, Origin origin) {
        return new ApiCaller(key.owner(), key.rights(), key.actor(), origin, new Means.Key(key.key()));
    }

    static ApiCaller of(Session session, Account account, Rights rights, Origin origin) {
        return new ApiCaller(
                account, rights, Actor.person(account.id(), account.username()), origin, new Means.Bearer(session));
    }

    /** The key, if it was one. */
    public Optional<ApiKey> key() {
        return means instanceof Means.Key(ApiKey key) ? Optional.of(key) : Optional.empty();
    }

    void attach(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    static Optional<ApiCaller> find(HttpServletRequest request) {
        return Optional.ofNullable((ApiCaller) request.getAttribute(ATTRIBUTE));
    }

    /** The caller; only in handlers with {@link Access.Level#API} or {@link Access.Level#OPERATOR}. */
    public static ApiCaller of(HttpServletRequest request) {
        return find(request).orElseThrow(() -> new IllegalStateException("this route needs a caller"));
    }
}
