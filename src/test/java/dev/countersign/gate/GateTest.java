package dev.countersign.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a proxy is answered; here the test is the proxy. */
class GateTest {
    private static final String FORWARD_AUTH = "/api/authz/forward-auth";
    private static final String AUTH_REQUEST = "/api/authz/auth-request";
    private static final List<String> IDENTITY = List.of("Remote-User", "Remote-Groups", "Remote-Name", "Remote-Email");

    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.TRUSTED_PROXIES, "127.0.0.1"));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static TestBrowser signedIn(Enrolled person) {
        TestBrowser browser = SERVER.browser();
        TestBrowser.Reply reply = browser.signIn(
                person.account().username(), TestServer.PASSWORD, person.app().code());
        assertThat(reply.location()).isEqualTo("/account");
        return browser;
    }

    @Test
    void who_is_signed_in_passes_and_the_application_is_told_who_it_is() {
        Enrolled anna = SERVER.enrolled("anna.gate");
        SERVER.group("Sales", anna.account());
        TestBrowser browser = signedIn(anna);
        for (String path : List.of(FORWARD_AUTH, AUTH_REQUEST)) {
            TestBrowser.Reply reply = browser.get(path);
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers("Remote-User")).containsExactly("anna.gate");
            assertThat(reply.headers("Remote-Groups")).containsExactly("Sales");
            assertThat(reply.headers("Remote-Name")).containsExactly("Person anna.gate");
            assertThat(reply.headers("Remote-Email")).containsExactly("anna.gate@northwind.example");
            assertThat(reply.headers("Cache-Control")).containsExactly("no-store");
            assertThat(reply.headers("Set-Cookie")).isEmpty();
        }
    }

    @Test
    void nobody_is_sent_to_the_sign_in_page_where_a_page_was_opened_and_refused_elsewhere() {
        TestBrowser.Reply page = SERVER.browser().header("Accept", "text/html").get(FORWARD_AUTH);
        assertThat(page.status()).isEqualTo(302);
        assertThat(page.location()).isEqualTo(SERVER.url() + "/sign-in");
        TestBrowser.Reply script = SERVER.browser()
                .header("Accept", "text/html")
                .header("Sec-Fetch-Mode", "cors")
                .get(FORWARD_AUTH);
        assertThat(script.status()).isEqualTo(401);
        assertThat(script.location()).isEqualTo(SERVER.url() + "/sign-in");
        TestBrowser.Reply nginx = SERVER.browser().header("Accept", "text/html").get(AUTH_REQUEST);
        assertThat(nginx.status()).isEqualTo(401);
        assertThat(nginx.location()).isEqualTo(SERVER.url() + "/sign-in");
        for (TestBrowser.Reply reply : List.of(page, script, nginx)) {
            assertThat(IDENTITY)
                    .allSatisfy(header -> assertThat(reply.headers(header)).containsExactly(""));
        }
    }
}
