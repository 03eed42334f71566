package dev.countersign.web;

import jakarta.servlet.http.HttpServletResponse;

/** What a page may load and do (Content Security Policy): files of this server, and no script or style inside the page. */
public enum ContentPolicy {
    /** Every reply, unless its handler says otherwise. */
    PAGE(""),
    /** The companion is installed, and goes on without a network: a manifest and a service worker, of this server too. */
    INSTALLED(" manifest-src 'self'; worker-src 'self';");

    private final String text;

    ContentPolicy(String more) {
        text = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self';" + more
                + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    }

    public void set(HttpServletResponse response) {
        response.setHeader("Content-Security-Policy", text);
    }
}
