package dev.countersign.portal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** From the first sign-in after a requirement to the second, over HTTP and without JavaScript. */
class SignInJourneyTest {
    private static final TestServer SERVER = TestServer.start();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void first_sign_in_leads_through_app_and_recovery_code_and_later_ones_ask_for_the_code() {
        SERVER.person("bea");
        SERVER.policy(Rules.Mode.REQUIRED);
        TestBrowser browser = SERVER.browser();

        TestBrowser.Reply enrol = browser.follow(browser.signIn("bea", TestServer.PASSWORD));
        TestAuthenticator app = TestAuthenticator.ofText(secretOn(enrol.body()), SERVER.clock());
        TestBrowser.Reply recovery = browser.follow(browser.post("/sign-in/enrol", "code", app.code()));
        String code = recoveryCodeOn(recovery.body());
        TestBrowser.Reply account =
                browser.follow(browser.post("/sign-in/recovery-code", "lastGroup", code.substring(20)));
        assertThat(account.status()).isEqualTo(200);
        assertThat(account.body()).contains("Person bea");

        SERVER.clock().advance(Duration.ofMinutes(1));
        TestBrowser second = SERVER.browser();
        TestBrowser.Reply done = second.signIn("bea", TestServer.PASSWORD, app.code());
        assertThat(done.location()).isEqualTo("/account");
        assertThat(second.visit("/account").body()).contains("Person bea");
    }

    private static String secretOn(String page) {
        Matcher link = Pattern.compile("secret=([A-Z2-7]{32})").matcher(page);
        assertThat(link.find()).as("the page offers the secret").isTrue();
        return link.group(1);
    }

    private static String recoveryCodeOn(String page) {
        Matcher code = Pattern.compile("([A-Z2-9]{4}\\s){5}[A-Z2-9]{4}")
                .matcher(page.replaceAll("<[^>]+>", " ").replaceAll("\\s+", " "));
        assertThat(code.find()).as("the page shows the recovery code").isTrue();
        return code.group().replace(" ", "");
    }
}
