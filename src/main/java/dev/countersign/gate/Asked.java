package dev.countersign.gate;

import dev.countersign.web.Entrance;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a proxy asks about: the request it holds in its hands. Believed only of proxies that are trusted, and for each contract
 * only in its own headers, for a proxy passes on all others as its client sent them.
 *
 * @param authority host and port of that request, or of the one that asks when nothing is believed
 * @param scheme absent when nothing is believed
 * @param path with its query
 * @param method GET unless it says otherwise
 */
record Asked(String authority, Optional<String> scheme, String path, String method) {
    private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss");
    private static final int LONGEST_METHOD = 20;

    /** As Traefik, Caddy, HAProxy and Apache ask: {@code X-Forwarded-Host}, {@code -Proto}, {@code -Uri} and {@code -Method}. */
    static Optional<Asked> forwardAuth(HttpServletRequest request, boolean fromProxy) {
        Optional<String> authority = Entrance.authority(request, fromProxy);
        String method = given(request, fromProxy, "X-Forwarded-Method").orElse(request.getMethod());
        Optional<String> scheme =
                given(request, fromProxy, "X-Forwarded-Proto").map(text -> text.toLowerCase(Locale.ROOT));
        boolean readable = authority.flatMap(Entrance::hostOf).isPresent()
                && scheme.filter(text -> !SCHEMES.contains(text)).isEmpty()
                && isMethod(method);
        return readable
                ? Optional.of(new Asked(
                        authority.get(),
                        scheme,
                        given(request, fromProxy, "X-Forwarded-Uri").orElse(""),
                        method))
                : Optional.empty();
    }

    /** As nginx asks: {@code X-Original-URL} and {@code X-Original-Method}. */
    static Optional<Asked> authRequest(HttpServletRequest request, boolean fromProxy) {
        Optional<String> url = given(request, fromProxy, "X-Original-URL");
        String method = given(request, fromProxy, "X-Original-Method").orElse(request.getMethod());
        if (!isMethod(method)) {
            return Optional.empty();
        }
        return url.isPresent()
                ? url.flatMap(text -> ofUrl(text, method))
                : Entrance.authority(request, false)
                        .filter(authority -> Entrance.hostOf(authority).isPresent())
                        .map(authority -> new Asked(authority, Optional.empty(), "", method));
    }

    private static Optional<Asked> ofUrl(String text, String method) {
        // What nginx says is not always a URI: the path may hold what browsers send raw.
        int scheme = text.indexOf("://");
        int path = scheme < 0 ? -1 : text.indexOf('/', scheme + 3);
        String authority = scheme < 0 ? "" : text.substring(scheme + 3, path < 0 ? text.length() : path);
        if (scheme < 0
                || !SCHEMES.contains(text.substring(0, scheme).toLowerCase(Locale.ROOT))
                || authority.indexOf('@') >= 0
                || Entrance.hostOf(authority).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Asked(
                authority,
                Optional.of(text.substring(0, scheme).toLowerCase(Locale.ROOT)),
                path < 0 ? "/" : text.substring(path),
                method));
    }

    private static boolean isMethod(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < 'A' || text.charAt(i) > 'Z') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= LONGEST_METHOD;
    }

    private static Optional<String> given(HttpServletRequest request, boolean fromProxy, String header) {
        return fromProxy ? Optional.ofNullable(request.getHeader(header)) : Optional.empty();
    }

    String host() {
        return Entrance.hostOf(authority).orElseThrow();
    }

    /** The path people go back to after signing in: only on the server's own host, where the sign-in page sends them. */
    Optional<String> wayBack(String publicAddress) {
        try {
            URI own = new URI(publicAddress);
            boolean same = scheme.filter(text -> text.replace("ws", "http").equals(own.getScheme()))
                            .isPresent()
                    && authority.equalsIgnoreCase(own.getAuthority());
            return same && method.equals("GET") ? Optional.of(path) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
