package dev.countersign.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** AC-097: where messages are not sent, whatever a browser says its push service is. */
class EndpointsTest {
    private static Endpoints endpoints(String allowed) {
        return new Endpoints(
                SettingsLoader.load(Map.of(SettingKey.PUSH_ALLOWED_ENDPOINTS, allowed), Map.of(), Optional.empty()));
    }

    private static final Endpoints STRICT = endpoints("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://fcm.googleapis.com/fcm/send/dQw4w9WgXcQ:APA91bH",
                "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk",
                "https://web.push.apple.com/QGuQyavXutnMH",
                "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAD%3d",
                "https://FCM.googleapis.com:443/x",
                "https://push.xn--mnchen-3ya.example/1"
            })
    void push_services_are_reached(String endpoint) {
        assertThat(STRICT.judge(endpoint)).isInstanceOf(Endpoints.Verdict.Public.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "push",
                "/push",
                "//push.example/x",
                "https:",
                "https:push.example",
                "https:///x",
                "https://",
                "http://push.example/x",
                "HTTP://push.example/x",
                "ftp://push.example/x",
                "file:///etc/passwd",
                "gopher://push.example:443/_x",
                "jar:https://push.example/x!/y",
                "ws://push.example/x",
                "https://push.example:80/x",
                "https://push.example:22/x",
                "https://push.example:8443/x",
                "https://push.example:0/x",
                "https://push.example:99999/x",
                "https://user@push.example/x",
                "https://user:secret@push.example/x",
                "https://push.example@127.0.0.1/x",
                "https://127.0.0.1\\@push.example/x",
                "https://push.example/x#part",
                "https://push.example/a b",
                "https://push.example/x\r\nX: y",
                "https://push.example/\u00fc",
                "https://p\u00fcsh.example/x",
                "https://push.example\u3002evil/x",
                "https://localhost/x",
                "https://LOCALHOST/x",
                "https://localhost./x",
                "https://push.localhost/x",
                "https://intranet/x",
                "https://push.example./x",
                "https://printer.local/x",
                "https://metadata.google.internal/x",
                "https://router.home.arpa/x",
                "https://nas.lan/x",
                "https://127.0.0.1/x",
                "https://127.1/x",
                "https://127.000.000.001/x",
                "https://2130706433/x",
                "https://0x7f000001/x",
                "https://0x7f.0.0.1/x",
                "https://0177.0.0.1/x",
                "https://017700000001/x",
                "https://push.0x7f/x",
                "https://push.1/x",
                "https://0/x",
                "https://0.0.0.0/x",
                "https://10.0.0.1/x",
                "https://100.64.0.1/x",
                "https://169.254.169.254/latest/meta-data",
                "https://172.16.0.1/x",
                "https://192.168.1.1/x",
                "https://8.8.8.8/x",
                "https://[::1]/x",
                "https://[::]/x",
                "https://[::ffff:127.0.0.1]/x",
                "https://[::ffff:7f00:1]/x",
                "https://[fc00::1]/x",
                "https://[fd12:3456::1]/x",
                "https://[fe80::1]/x",
                "https://[fe80::1%25eth0]/x",
                "https://[64:ff9b::7f00:1]/x",
                "https://[2002:7f00:1::]/x",
                "https://[2606:4700::1]/x",
                "https://push_service.example/x",
                "https://-push.example/x",
                "https://push..example/x",
                "https://%31%32%37.0.0.1/x"
            })
    void other_addresses_are_refused(String endpoint) {
        assertThat(STRICT.judge(endpoint)).isInstanceOf(Endpoints.Verdict.Refused.class);
    }

    @Test
    void an_address_has_a_longest_length() {
        String long1024 = "https://push.example/" + "x".repeat(1024 - 21);
        assertThat(STRICT.judge(long1024)).isInstanceOf(Endpoints.Verdict.Public.class);
        assertThat(STRICT.judge(long1024 + "x")).isInstanceOf(Endpoints.Verdict.Refused.class);
    }

    @Test
    void what_the_configuration_names_is_reached_and_nothing_beside_it() {
        Endpoints endpoints = endpoints("http://127.0.0.1:8991,https://push.northwind.lan");
        assertThat(endpoints.judge("http://127.0.0.1:8991/x"))
                .isEqualTo(new Endpoints.Verdict.Listed(
                        URI.create("http://127.0.0.1:8991/x"), URI.create("http://127.0.0.1:8991")));
        assertThat(endpoints.judge("HTTPS://PUSH.northwind.lan:443/x")).isInstanceOf(Endpoints.Verdict.Listed.class);
        List.of(
                        "http://127.0.0.1:8992/x",
                        "http://127.0.0.1/x",
                        "https://127.0.0.1:8991/x",
                        "http://127.0.0.1:8991@push.example/x",
                        "http://push.example@127.0.0.1:8991/x",
                        "http://push.northwind.lan/x",
                        "https://push.northwind.lan:8443/x",
                        "https://other.push.northwind.lan/x")
                .forEach(other ->
                        assertThat(endpoints.judge(other)).as(other).isInstanceOf(Endpoints.Verdict.Refused.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.0.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2002:a00:1::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "ff0e::1"
            })
    void a_name_with_such_an_address_is_not_connected_to(String address) throws UnknownHostException {
        InetAddress found = InetAddress.getByName(address);
        InetAddress open = InetAddress.getByName("8.8.4.4");
        assertThatThrownBy(() -> new PublicNames(answering(found)).resolve("push.example"))
                .isInstanceOf(PublicNames.NotPublic.class);
        assertThatThrownBy(() -> new PublicNames(answering(open, found)).resolve("push.example"))
                .as("one of two")
                .isInstanceOf(PublicNames.NotPublic.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "126.0.0.1",
                "128.0.0.1",
                "172.15.0.1",
                "172.32.0.1",
                "192.167.0.1",
                "192.169.0.1",
                "223.255.255.1",
                "2001:4860:4860::8888",
                "2606:4700:4700::1111",
                "2a00:1450::1"
            })
    void a_name_with_public_addresses_is(String address) throws UnknownHostException {
        InetAddress found = InetAddress.getByName(address);
        assertThat(new PublicNames(answering(found)).resolve("push.example")).containsExactly(found);
    }

    @Test
    void a_name_that_changes_its_address_is_looked_at_each_time() throws UnknownHostException {
        Deque<InetAddress> changing =
                new ArrayDeque<>(List.of(InetAddress.getByName("8.8.4.4"), InetAddress.getByName("127.0.0.1")));
        PublicNames names = new PublicNames(answering(changing));
        assertThat(names.resolve("push.example")).hasSize(1);
        assertThatThrownBy(() -> names.resolve("push.example")).isInstanceOf(PublicNames.NotPublic.class);
    }

    @Test
    void a_name_without_an_address_is_no_answer() {
        assertThatThrownBy(() -> new PublicNames(answering()).resolve("push.example"))
                .isInstanceOf(UnknownHostException.class)
                .isNotInstanceOf(PublicNames.NotPublic.class);
    }

    private static DnsResolver answering(InetAddress... addresses) {
        return new Names() {
            @Override
            public InetAddress[] resolve(String host) {
                return addresses;
            }
        };
    }

    private static DnsResolver answering(Deque<InetAddress> addresses) {
        return new Names() {
            @Override
            public InetAddress[] resolve(String host) {
                return new InetAddress[] {addresses.remove()};
            }
        };
    }

    /** A name server of the test. */
    abstract static class Names implements DnsResolver {
        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
