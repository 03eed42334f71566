package dev.countersign.web;

import dev.countersign.kernel.Observation;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.slf4j.MDC;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/** Lets every {@link RequestObserver} look at every request; where there is none, it is not there either. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
final class ObservingFilter extends OncePerRequestFilter {
    /** In lines of the log, by its name in the Elastic Common Schema. */
    private static final String TRACE_ID = "trace.id";

    private static final int LONGEST_TRACE = 60;
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final List<RequestObserver> observers;
    private final Entrance entrance;

    ObservingFilter(ObjectProvider<RequestObserver> observers, Entrance entrance) {
        this.entrance = entrance;
        this.observers = observers.orderedStream().toList();
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return observers.isEmpty();
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return true;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        List<RequestObserver.Seen> seen = observers.stream()
                .map(observer -> observer.begin(method(request), trace(request)))
                .toList();
        seen.stream()
                .map(RequestObserver.Seen::traceId)
                .filter(id -> !id.isEmpty())
                .forEach(id -> MDC.put(TRACE_ID, id));
        int status = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
        try {
            within(seen, request, response, chain);
            status = response.getStatus();
        } finally {
            MDC.remove(TRACE_ID);
            String route =
                    request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE) instanceof String pattern
                            ? pattern
                            : "";
            for (RequestObserver.Seen each : seen) {
                each.end(route, status);
            }
        }
    }

    /** One that HTTP knows: who asks could invent as many as they like. */
    private static String method(HttpServletRequest request) {
        return METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
    }

    /** Strangers do not decide what is kept with what. */
    private String trace(HttpServletRequest request) {
        String header = request.getHeader("traceparent");
        return header == null || header.length() > LONGEST_TRACE || !entrance.isFromProxy(request) ? "" : header;
    }

    private static void within(
            List<RequestObserver.Seen> seen,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain)
            throws ServletException, IOException {
        try {
            Observation.by(all(seen), () -> {
                chain.doFilter(request, response);
                return true;
            });
        } catch (ServletException | IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new ServletException(e);
        }
    }

    /** One that lets each look, one inside the other. */
    private static Observation.Observer all(List<RequestObserver.Seen> seen) {
        Observation.Observer all = seen.getFirst();
        for (RequestObserver.Seen next : seen.subList(1, seen.size())) {
            all = both(all, next);
        }
        return all;
    }

    private static Observation.Observer both(Observation.Observer outer, Observation.Observer inner) {
        return new Observation.Observer() {
            @Override
            public <T> T observe(Observation.Part part, java.util.function.Supplier<T> work) {
                return outer.observe(part, () -> inner.observe(part, work));
            }
        };
    }
}
