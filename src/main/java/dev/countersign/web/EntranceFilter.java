package dev.countersign.web;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The first filter of all pages and of REST. Works out whose request it is and for which environment, and refuses what cannot be answered
 * safely: plain HTTP from elsewhere than this machine or a trusted proxy, unreadable proxy headers, strange methods, and
 * state changes that another site sent.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 10)
final class EntranceFilter extends OncePerRequestFilter {
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    /** In lines of the log, by its name in the Elastic Common Schema. */
    private static final String REQUEST_ID = "http.request.id";

    private final Environments environments;
    private final Randomness randomness;
    private final UploadGate uploads;
    private final Entrance entrance;

    EntranceFilter(Environments environments, Randomness randomness, UploadGate uploads, Entrance entrance) {
        this.uploads = uploads;
        this.environments = environments;
        this.randomness = randomness;
        this.entrance = entrance;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return true;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // Here and not in the Spring Security chain, so that what is refused before that chain cannot be framed either.
        Entrance.protect(response);
        try {
            admit(request, response, chain);
        } catch (Database.Busy | DataAccessException e) {
            Failures.send(e, response);
        }
    }

    private void admit(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        boolean fromProxy = entrance.isFromProxy(request);
        List<String> forwardedFor = Collections.list(request.getHeaders("X-Forwarded-For"));
        Optional<String> address =
                entrance.clientAddress().of(request.getRemoteAddr(), fromProxy ? forwardedFor : List.of());
        Optional<Environment> environment =
                Entrance.authority(request, fromProxy).flatMap(Entrance::hostOf).flatMap(environments::findByHost);
        boolean secure =
                entrance.terminatesTls() || (fromProxy && "https".equals(request.getHeader("X-Forwarded-Proto")));
        boolean reachable = entrance.isReachable(request, fromProxy);
        if (address.isEmpty() || environment.isEmpty() || !entrance.isKnown(request.getMethod())) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        String agent = Optional.ofNullable(request.getHeader("User-Agent")).orElse("");
        RequestFacts facts = new RequestFacts(
                environment.get(),
                address.get(),
                BrowserName.of(agent),
                randomness.identifier(),
                base(request, fromProxy, secure),
                secure);
        facts.attach(request);
        response.setHeader("X-Request-Id", facts.requestId());
        if (!reachable || isFromAnotherSite(request, fromProxy)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return;
        }
        OptionalInt refusedUpload = uploads.refusal(request, environment.get().id());
        if (refusedUpload.isPresent()) {
            response.sendError(refusedUpload.getAsInt());
            return;
        }
        if (!isReadable(request)) {
            if (!response.isCommitted()) { // a body that breaks off in the middle has ended the reply already
                response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            }
            return;
        }
        MDC.put(REQUEST_ID, facts.requestId());
        try {
            chain.doFilter(request, response);
        } finally {
            MDC.remove(REQUEST_ID);
        }
    }

    /**
     * Whether query and form can be decoded. Asked here, once: deeper down the failure would be logged in full, and its message
     * holds the value, which may be a password.
     */
    private static boolean isReadable(HttpServletRequest request) throws IOException {
        request.setCharacterEncoding(StandardCharsets.UTF_8.name());
        try {
            request.getParameterMap();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static String base(HttpServletRequest request, boolean fromProxy, boolean secure) {
        return (secure ? "https://" : "http://")
                + Entrance.authority(request, fromProxy).orElse("");
    }

    /** Browsers say where a state change comes from; whoever says "another site" is refused before any token is compared. */
    private static boolean isFromAnotherSite(HttpServletRequest request, boolean fromProxy) {
        if (SAFE_METHODS.contains(request.getMethod())) {
            return false;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return true;
        }
        String origin = request.getHeader("Origin");
        if (origin == null) {
            return false;
        }
        String host = Entrance.authority(request, fromProxy).orElse("");
        return !origin.equals("https://" + host) && !origin.equals("http://" + host);
    }
}
