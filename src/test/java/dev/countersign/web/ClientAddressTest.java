package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import inet.ipaddr.IPAddressString;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whose request it is, behind proxies and without. */
class ClientAddressTest {
    private final ClientAddress behindProxies =
            new ClientAddress(Stream.of("10.0.0.0/8", "2001:db8:ffff::/48", "127.0.0.1")
                    .map(network -> new IPAddressString(network).getAddress().toPrefixBlock())
                    .toList());
    private final ClientAddress alone = new ClientAddress(List.of());

    @Test
    void without_proxies_the_other_end_is_the_client_whatever_it_says() {
        assertThat(alone.of("192.0.2.7", List.of("198.51.100.1"))).contains("192.0.2.7");
        assertThat(behindProxies.of("192.0.2.7", List.of("10.0.0.1"))).contains("192.0.2.7");
        assertThat(behindProxies.of("192.0.2.7", List.of("nonsense"))).contains("192.0.2.7");
    }

    @Test
    void behind_a_proxy_it_is_the_right_most_hop_that_is_none() {
        assertThat(behindProxies.of("10.0.0.1", List.of("192.0.2.7"))).contains("192.0.2.7");
        assertThat(behindProxies.of("10.0.0.1", List.of("192.0.2.7, 10.0.0.2"))).contains("192.0.2.7");
        assertThat(behindProxies.of("10.0.0.1", List.of("1.1.1.1, 192.0.2.7, 10.0.0.2, 10.0.0.3")))
                .as("what the client wrote before the first proxy is worth nothing")
                .contains("192.0.2.7");
        assertThat(behindProxies.of("10.0.0.1", List.of("1.1.1.1", "192.0.2.7,10.0.0.2")))
                .contains("192.0.2.7");
    }

    @Test
    void nonsense_left_of_the_client_is_not_read() {
        assertThat(behindProxies.of("10.0.0.1", List.of("nonsense, 192.0.2.7"))).contains("192.0.2.7");
    }

    @Test
    void a_request_from_a_proxy_itself_is_the_proxys() {
        assertThat(behindProxies.of("10.0.0.1", List.of())).contains("10.0.0.1");
        assertThat(behindProxies.of("10.0.0.1", List.of(""))).contains("10.0.0.1");
        assertThat(behindProxies.of("10.0.0.1", List.of("10.0.0.9, 10.0.0.8"))).contains("10.0.0.9");
    }

    @Test
    void a_list_that_cannot_be_read_is_refused() {
        for (String list : List.of(
                "nonsense",
                "192.0.2.7, nonsense",
                "192.0.2.7,",
                ",192.0.2.7,",
                "192.0.2.7, ,10.0.0.1",
                "192.0.2.0/24",
                "192.0.2.*",
                "192.0.2.7:1234",
                "[2001:db8::7]:1234",
                "unknown",
                "_hidden",
                "256.1.1.1",
                "192.0.2.7 10.0.0.1")) {
            assertThat(behindProxies.of("10.0.0.1", List.of(list)))
                    .as("'%s'", list)
                    .isEmpty();
        }
        assertThat(behindProxies.of("10.0.0.1", List.of("10.0.0.2,".repeat(40) + "192.0.2.7")))
                .as("too long")
                .isEmpty();
        assertThat(alone.of("", List.of())).isEmpty();
        assertThat(alone.of("local", List.of())).isEmpty();
    }

    @Test
    void an_ipv4_address_written_as_ipv6_is_the_same_address() {
        assertThat(behindProxies.of("::ffff:10.0.0.1", List.of("::ffff:192.0.2.7")))
                .contains("192.0.2.7");
        assertThat(alone.of("::ffff:c000:207", List.of())).contains("192.0.2.7");
        assertThat(behindProxies.isTrustedProxy("::ffff:10.1.2.3")).isTrue();
    }

    @Test
    void an_address_has_one_spelling() {
        assertThat(alone.of("2001:DB8:0:0::7", List.of())).contains("2001:db8::7");
        assertThat(behindProxies.of("2001:db8:ffff::1", List.of("2001:0db8:0000::0007")))
                .contains("2001:db8::7");
    }

    @Test
    void only_listed_networks_are_proxies() {
        assertThat(behindProxies.isTrustedProxy("10.255.255.255")).isTrue();
        assertThat(behindProxies.isTrustedProxy("11.0.0.0")).isFalse();
        assertThat(behindProxies.isTrustedProxy("127.0.0.2")).isFalse();
        assertThat(behindProxies.isTrustedProxy("")).isFalse();
        assertThat(alone.isTrustedProxy("127.0.0.1")).isFalse();
    }
}
