package dev.countersign.web;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose request it is: the connection's other end, or, behind trusted proxies, the right-most hop that is not one. */
final class ClientAddress {
    private static final int MOST_HOPS = 32;

    private final List<IPAddress> trustedProxies;

    ClientAddress(List<IPAddress> trustedProxies) {
        this.trustedProxies = List.copyOf(trustedProxies);
    }

    boolean isTrustedProxy(String address) {
        IPAddress parsed = parse(address);
        return parsed != null && isTrusted(parsed);
    }

    /**
     * The client's address in canonical form.
     *
     * @param peer the other end of the connection
     * @param forwardedFor the values of all {@code X-Forwarded-For} headers in order
     * @return nothing when a trusted proxy sent a list that cannot be read: then the request is refused
     */
    Optional<String> of(String peer, List<String> forwardedFor) {
        IPAddress address = parse(peer);
        if (address == null) {
            return Optional.empty();
        }
        if (!isTrusted(address)) {
            return Optional.of(address.toCanonicalString());
        }
        List<String> hops =
                new java.util.ArrayList<>(List.of(String.join(",", forwardedFor).split(",", -1)));
        if (hops.size() > MOST_HOPS) {
            return Optional.empty();
        }
        Collections.reverse(hops);
        for (String hop : hops) {
            if (hop.isBlank() && hops.size() == 1) {
                break;
            }
            address = parse(hop.strip());
            if (address == null) {
                return Optional.empty();
            }
            if (!isTrusted(address)) {
                break;
            }
        }
        return Optional.of(address.toCanonicalString());
    }

    private boolean isTrusted(IPAddress address) {
        return trustedProxies.stream().anyMatch(network -> network.contains(address));
    }

    private static @Nullable IPAddress parse(String text) {
        IPAddress address = new IPAddressString(text).getAddress();
        if (address == null || address.isMultiple() || text.isBlank()) {
            return null;
        }
        boolean mapped = address.isIPv6() && address.toIPv6().isIPv4Mapped();
        return mapped ? address.toIPv6().getEmbeddedIPv4Address() : address;
    }
}
