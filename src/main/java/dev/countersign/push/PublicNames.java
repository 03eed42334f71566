package dev.countersign.push;

import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressNetwork;
import inet.ipaddr.IPAddressString;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Looks names up and gives public addresses only. The connection goes to what this gave and no name is looked up twice, so
 * that a name which changes its address in between (DNS rebinding) gains nothing. Thread-safe.
 */
final class PublicNames implements DnsResolver {
    /** What the registries of special addresses of IANA list, RFC 6890, and what others call private. */
    private static final List<IPAddress> NOT_PUBLIC = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    // Teredo, benchmarks, ORCHID; documentation; 6to4, which holds an IPv4 address; documentation.
                    "2001::/23",
                    "2001:db8::/32",
                    "2002::/16",
                    "3fff::/20")
            .map(PublicNames::network)
            .toList();

    /** All that is global unicast: loopback, private, link-local, multicast, mapped and NAT64 addresses are outside. */
    private static final IPAddress GLOBAL_IPV6 = network("2000::/3");

    private final DnsResolver names;

    PublicNames(DnsResolver names) {
        this.names = names;
    }

    /** The name has an address that is not public. One is enough: who mixes them wants us to choose the wrong one. */
    static final class NotPublic extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        NotPublic() {
            super("the name has an address that is not public");
        }
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] found = names.resolve(host);
        if (found == null || found.length == 0) {
            throw new UnknownHostException("the name has no address");
        }
        for (InetAddress address : found) {
            if (!isPublic(address)) {
                throw new NotPublic();
            }
        }
        return found;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    static boolean isPublic(InetAddress address) {
        IPAddress known = new IPAddressNetwork.IPAddressGenerator().from(address);
        boolean global = known.isIPv4() || GLOBAL_IPV6.contains(known);
        return global && NOT_PUBLIC.stream().noneMatch(network -> network.contains(known));
    }

    private static IPAddress network(String text) {
        return new IPAddressString(text).getAddress().toPrefixBlock();
    }
}
