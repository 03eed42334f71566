package dev.countersign.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.context.MessageSource;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * How many requests are worked on at once. Each holds memory while it waits for a hash or for the database; beyond this many, people are told at
 * once to try again later, which costs next to nothing.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 3)
public final class Crowd extends OncePerRequestFilter {
    static final int MOST = 1_500;
    private static final String RETRY_SECONDS = "60";

    private final Semaphore places = new Semaphore(MOST);
    private final LongAdder refused = new LongAdder();
    private final MessageSource messages;

    Crowd(MessageSource messages) {
        this.messages = messages;
    }

    /** How many were told to try again. */
    public long refused() {
        return refused.sum();
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!places.tryAcquire()) {
            refused.increment();
            refuse(request, response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            places.release();
        }
    }

    /** Written by hand: the usual page takes more of what there is too little of. */
    private void refuse(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setHeader("Retry-After", RETRY_SECONDS);
        response.setHeader("Cache-Control", "no-store");
        Entrance.protect(response);
        boolean rest = request.getRequestURI().startsWith("/api/");
        response.setContentType(rest ? "application/problem+json" : "text/html;charset=UTF-8");
        response.getOutputStream()
                .write((rest ? problem() : page(request.getLocale())).getBytes(StandardCharsets.UTF_8));
    }

    private static String problem() {
        ProblemType busy = ProblemType.BUSY;
        return "{\"type\":\"" + busy.type() + "\",\"title\":\"" + busy.title()
                + "\",\"status\":503,\"detail\":\"Try again in a minute.\"}";
    }

    private String page(Locale locale) {
        String title = messages.getMessage("error.503.title", null, locale);
        return "<!doctype html><html lang=\"" + locale.getLanguage() + "\"><meta charset=\"utf-8\"><title>" + title
                + "</title><link rel=\"stylesheet\" href=\"/css/countersign.css\"><main><h1>" + title + "</h1><p>"
                + messages.getMessage("error.503.text", null, locale) + "</p></main></html>";
    }
}
