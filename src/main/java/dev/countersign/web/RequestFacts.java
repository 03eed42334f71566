package dev.countersign.web;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * What is known of every request before any handler runs.
 *
 * @param base scheme and host as the browser knows them, with a port if there is one
 * @param secure whether the person's connection is HTTPS, here or at a trusted proxy
 */
public record RequestFacts(
        Environment environment, String address, String browser, String requestId, String base, boolean secure) {
    private static final String ATTRIBUTE = RequestFacts.class.getName();

    /** Where the request came from, for the log. */
    public Origin origin(String door) {
        return new Origin(door, address, browser, requestId);
    }

    void attach(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The facts {@link EntranceFilter} attached. */
    public static RequestFacts of(HttpServletRequest request) {
        return find(request).orElseThrow(() -> new IllegalStateException("the request did not pass the entrance"));
    }

    static Optional<RequestFacts> find(HttpServletRequest request) {
        return Optional.ofNullable((RequestFacts) request.getAttribute(ATTRIBUTE));
    }
}
