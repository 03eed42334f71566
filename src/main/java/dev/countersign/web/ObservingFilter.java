package dev.countersign.web;

import dev.countersign.kernel.Observation;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
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
    private final List<RequestObserver> observers;

    ObservingFilter(ObjectProvider<RequestObserver> observers) {
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
                .map(observer -> observer.begin(request.getMethod(), ""))
                .toList();
        int status = HttpServletResponse.SC_INTERNAL_SERVER_ERROR;
        try {
            within(seen, request, response, chain);
            status = response.getStatus();
        } finally {
            String route =
                    request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE) instanceof String pattern
                            ? pattern
                            : "";
            for (RequestObserver.Seen each : seen) {
                each.end(route, status);
            }
        }
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
