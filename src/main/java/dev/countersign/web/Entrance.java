package dev.countersign.web;

import dev.countersign.configuration.Settings;
import inet.ipaddr.HostName;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What is asked of every request at the door of the house: who brought it, and whether it came safely. Thread-safe. */
@Component
public final class Entrance {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static final Memo<Optional<String>> HOSTS = new Memo<>(Entrance::parseHost);

    private final ClientAddress clientAddress;
    private final boolean terminatesTls;
    private final Memo<Peer> peers;

    /** The other end of a connection. */
    private record Peer(boolean isProxy, boolean isLoopback) {}

    Entrance(Settings settings) {
        this.clientAddress = new ClientAddress(settings.trustedProxies());
        this.terminatesTls = settings.tls().isPresent();
        this.peers = new Memo<>(address -> new Peer(clientAddress.isTrustedProxy(address), isLoopback(address)));
    }

    /** Whether a proxy brought it whose {@code X-Forwarded-*} headers are believed. */
    public boolean isFromProxy(HttpServletRequest request) {
        return peers.of(request.getRemoteAddr()).isProxy();
    }

    /** Whether it came by HTTPS, from a trusted proxy or from this machine. Nothing else is answered. */
    public boolean isReachable(HttpServletRequest request, boolean fromProxy) {
        return terminatesTls || fromProxy || peers.of(request.getRemoteAddr()).isLoopback();
    }

    public boolean isKnown(String method) {
        return METHODS.contains(method);
    }

    boolean terminatesTls() {
        return terminatesTls;
    }

    ClientAddress clientAddress() {
        return clientAddress;
    }

    /** Host and port the person asked for, as the proxy or the browser says. */
    public static Optional<String> authority(HttpServletRequest request, boolean fromProxy) {
        String forwarded = fromProxy ? request.getHeader("X-Forwarded-Host") : null;
        return Optional.ofNullable(forwarded == null ? request.getHeader("Host") : forwarded);
    }

    /** The host of an authority, without port, in lower case; absent when it is none. */
    public static Optional<String> hostOf(String authority) {
        return authority.length() > 255 || authority.indexOf(',') >= 0 ? Optional.empty() : HOSTS.of(authority);
    }

    private static Optional<String> parseHost(String authority) {
        HostName name = new HostName(authority);
        return name.isValid() ? Optional.ofNullable(name.getHost()).filter(text -> !text.isEmpty()) : Optional.empty();
    }

    /** The headers that protect whatever a browser is shown. */
    public static void protect(HttpServletResponse response) {
        ContentPolicy.PAGE.set(response);
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("X-Content-Type-Options", "nosniff");
    }

    private static boolean isLoopback(String peer) {
        IPAddress address = new IPAddressString(peer).getAddress();
        return address != null && address.isLoopback();
    }
}
