package dev.countersign.web;

import dev.countersign.vault.Token;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The cookies. All are {@code __Host-}: bound to this host, secure, for every path. Browsers keep secure cookies of
 * {@code http://localhost} too, which is the only place plain HTTP is served to one.
 */
public enum Cookies {
    /** Opens a session. Ends with the browser; the server ends it earlier. */
    SESSION("__Host-countersign", Optional.empty()),
    /** A sign-in that has not finished. Useless as a session: another table, another type. */
    SIGN_IN("__Host-countersign-signin", Optional.empty()),
    /** Recognises a browser that has signed in before, so that strangers' guesses do not shut it out. */
    BROWSER("__Host-countersign-browser", Optional.of(Duration.ofDays(390))),
    /** The language chosen before signing in. */
    LANGUAGE("__Host-countersign-language", Optional.of(Duration.ofDays(390)));

    private final String cookieName;

    @SuppressWarnings("ImmutableEnumChecker") // an Optional of a Duration is immutable, which the checker cannot see
    private final Optional<Duration> life;

    Cookies(String cookieName, Optional<Duration> life) {
        this.cookieName = cookieName;
        this.life = life;
    }

    public String cookieName() {
        return cookieName;
    }

    /** The token in this cookie. Two cookies of the name, or a value that is no token, count as none. */
    public Optional<Token> token(HttpServletRequest request) {
        return value(request).flatMap(Token::parse);
    }

    /** The cookie's value, if it is there exactly once. */
    Optional<String> value(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies == null) {
            return Optional.empty();
        }
        String found = null;
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(cookieName)) {
                if (found != null) {
                    return Optional.empty();
                }
                found = cookie.getValue();
            }
        }
        return Optional.ofNullable(found);
    }

    public void set(HttpServletResponse response, Token token) {
        set(response, token.reveal());
    }

    void set(HttpServletResponse response, String value) {
        ResponseCookie.ResponseCookieBuilder cookie = base(value);
        life.ifPresent(cookie::maxAge);
        response.addHeader(HttpHeaders.SET_COOKIE, cookie.build().toString());
    }

    public void clear(HttpServletResponse response) {
        response.addHeader(
                HttpHeaders.SET_COOKIE, base("").maxAge(Duration.ZERO).build().toString());
    }

    private ResponseCookie.ResponseCookieBuilder base(String value) {
        return ResponseCookie.from(cookieName, value)
                .path("/")
                .secure(true)
                .httpOnly(true)
                .sameSite("Lax");
    }
}
