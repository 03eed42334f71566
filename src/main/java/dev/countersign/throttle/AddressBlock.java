package dev.countersign.throttle;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.util.Optional;

/** The block of addresses one subscriber has: an IPv4 address, or an IPv6 /64. */
public record AddressBlock(String text) {
    private static final int IPV6_SUBSCRIBER_BITS = 64;

    /** The block of an address; absent for what is not an address, such as the command line or empty text. */
    public static Optional<AddressBlock> of(String address) {
        IPAddress parsed = new IPAddressString(address).getAddress();
        if (parsed == null || parsed.isMultiple() || address.isBlank()) {
            return Optional.empty();
        }
        if (parsed.isIPv6() && parsed.toIPv6().isIPv4Mapped()) {
            return Optional.of(
                    new AddressBlock(parsed.toIPv6().getEmbeddedIPv4Address().toCanonicalString()));
        }
        IPAddress block = parsed.isIPv6() ? parsed.toPrefixBlock(IPV6_SUBSCRIBER_BITS) : parsed;
        return Optional.of(new AddressBlock(block.toCanonicalString()));
    }

    @Override
    public String toString() {
        return text;
    }
}
