package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The Authorization header. Nothing else carries a token: no query, no cookie, no user name and password. */
public final class Bearer {
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST = 200;

    private Bearer() {}

    /** What follows {@code Bearer} in the only Authorization header. */
    public static Optional<String> of(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders("Authorization"));
        return headers.size() == 1 ? Optional.of(headers.getFirst()).flatMap(Bearer::token) : Optional.empty();
    }

    private static Optional<String> token(String header) {
        boolean bearer = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) && header.length() <= LONGEST;
        return bearer ? Optional.of(header.substring(SCHEME.length()).strip()) : Optional.empty();
    }
}
