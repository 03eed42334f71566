package dev.countersign.web;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import inet.ipaddr.HostName;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
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
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * First of all filters. Works out whose request it is and for which environment, and refuses what cannot be answered
 * safely: plain HTTP from elsewhere than this machine or a trusted proxy, unreadable proxy headers, strange methods, and
 * state changes that another site sent.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class EntranceFilter extends OncePerRequestFilter {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    private final Environments environments;
    private final Randomness randomness;
    private final ClientAddress clientAddress;
    private final UploadGate uploads;
    private final boolean terminatesTls;

    EntranceFilter(Environments environments, Randomness randomness, UploadGate uploads, Settings settings) {
        this.uploads = uploads;
        this.environments = environments;
        this.randomness = randomness;
        this.clientAddress = new ClientAddress(settings.trustedProxies());
        this.terminatesTls = settings.tls().isPresent();
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return true;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        protect(response);
        try {
            admit(request, response, chain);
        } catch (Database.Busy | DataAccessException e) {
            Failures.send(e, response);
        }
    }

    private void admit(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String peer = request.getRemoteAddr();
        boolean fromProxy = clientAddress.isTrustedProxy(peer);
        List<String> forwardedFor = Collections.list(request.getHeaders("X-Forwarded-For"));
        Optional<String> address = clientAddress.of(peer, fromProxy ? forwardedFor : List.of());
        Optional<Environment> environment = host(request, fromProxy).flatMap(environments::findByHost);
        boolean secure = terminatesTls || (fromProxy && "https".equals(request.getHeader("X-Forwarded-Proto")));
        boolean reachable = terminatesTls || fromProxy || isLoopback(peer);
        if (address.isEmpty() || environment.isEmpty() || !METHODS.contains(request.getMethod())) {
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
            response.sendError(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        chain.doFilter(request, response);
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

    /** Here and not in the Spring Security chain, so that what is refused before that chain cannot be framed either. */
    private static void protect(HttpServletResponse response) {
        ContentPolicy.PAGE.set(response);
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("X-Content-Type-Options", "nosniff");
    }

    private static String base(HttpServletRequest request, boolean fromProxy, boolean secure) {
        return (secure ? "https://" : "http://") + authority(request, fromProxy).orElse("");
    }

    private static Optional<String> authority(HttpServletRequest request, boolean fromProxy) {
        String forwarded = fromProxy ? request.getHeader("X-Forwarded-Host") : null;
        return Optional.ofNullable(forwarded == null ? request.getHeader("Host") : forwarded);
    }

    /** The host the person asked for, without port, in lower case. */
    private static Optional<String> host(HttpServletRequest request, boolean fromProxy) {
        String host = authority(request, fromProxy).orElse(null);
        if (host == null || host.length() > 255 || host.indexOf(',') >= 0) {
            return Optional.empty();
        }
        HostName name = new HostName(host);
        return name.isValid() ? Optional.ofNullable(name.getHost()).filter(text -> !text.isEmpty()) : Optional.empty();
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
        String host = authority(request, fromProxy).orElse("");
        return !origin.equals("https://" + host) && !origin.equals("http://" + host);
    }

    private static boolean isLoopback(String peer) {
        IPAddress address = new IPAddressString(peer).getAddress();
        return address != null && address.isLoopback();
    }
}
