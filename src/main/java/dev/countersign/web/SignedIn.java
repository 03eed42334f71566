package dev.countersign.web;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Rights;
import dev.countersign.session.Session;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * The person whose session came with a request, attached by {@link AccessInterceptor} once it was found sufficient.
 *
 * @param rights by their own role and those of their groups, as things stand now
 */
public record SignedIn(Session session, Account account, Rights rights) {
    private static final String ATTRIBUTE = SignedIn.class.getName();

    public Actor actor() {
        return Actor.person(account.id(), account.username());
    }

    void attach(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    public static Optional<SignedIn> find(HttpServletRequest request) {
        return Optional.ofNullable((SignedIn) request.getAttribute(ATTRIBUTE));
    }

    /** The person; only in handlers that need a session. */
    public static SignedIn of(HttpServletRequest request) {
        return find(request).orElseThrow(() -> new IllegalStateException("this route needs a session"));
    }
}
