package dev.countersign.web;

import dev.countersign.health.Liveness;
import dev.countersign.health.ServerReadiness;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * {@code /health/live} and {@code /health/ready}, before everything but the gate: load balancers call by address, over plain HTTP and
 * often. Anybody may ask, so the answer is yes or no; the reasons are on the management port.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class HealthFilter extends OncePerRequestFilter {
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";

    private final Liveness liveness;
    private final ServerReadiness readiness;

    HealthFilter(Liveness liveness, ServerReadiness readiness) {
        this.liveness = liveness;
        this.readiness = readiness;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !path.equals(LIVE) && !path.equals(READY);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (!request.getMethod().equals("GET") && !request.getMethod().equals("HEAD")) {
            response.setHeader("Allow", "GET, HEAD");
            response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        boolean well = request.getRequestURI().equals(LIVE)
                ? liveness.wrong().isEmpty()
                : readiness.report().isReady();
        response.setStatus(well ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setContentType("text/plain;charset=UTF-8");
        response.getOutputStream().write((well ? "yes\n" : "no\n").getBytes(StandardCharsets.UTF_8));
    }
}
