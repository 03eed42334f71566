package dev.countersign.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * After {@link EntranceFilter}, for REST alone: counts the requests of an address, and keeps the body and the answer of requests that
 * must not be done twice. Nothing is kept by whoever receives an answer.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
final class RestFilter extends OncePerRequestFilter {
    private final RequestLimits limits;
    private final Idempotency idempotency;
    private final Problems problems;

    RestFilter(RequestLimits limits, Idempotency idempotency, Problems problems) {
        this.limits = limits;
        this.idempotency = idempotency;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith("/api/");
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return true;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("Cache-Control", "no-store");
        if (!limits.admit(request, response)) {
            return;
        }
        if (!Idempotency.applies(request)) {
            chain.doFilter(request, response);
            return;
        }
        byte[] body = request.getInputStream().readNBytes(Idempotency.LARGEST_BODY + 1);
        if (body.length > Idempotency.LARGEST_BODY) {
            problems.send(
                    Refusal.of(ProblemType.TOO_LARGE, "With an Idempotency-Key a body has at most 1 MiB."),
                    request,
                    response);
            return;
        }
        once(new ReplayableRequest(request, body), response, chain);
    }

    private void once(ReplayableRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper kept = new ContentCachingResponseWrapper(response);
        Idempotency.keepBody(request, request.body());
        chain.doFilter(request, kept);
        idempotency.finish(request, kept);
        kept.copyBodyToResponse();
    }
}
