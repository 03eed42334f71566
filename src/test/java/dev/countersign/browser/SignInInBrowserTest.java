package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.SignInStyle;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signing in with what one has, in each style, and everything that can go wrong on the way. */
class SignInInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @BeforeEach
    void require_two_factors_on_two_screens() {
        SERVER.style(SignInStyle.TWO_SCREENS);
        SERVER.policy(Rules.Mode.REQUIRED);
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
    }

    @Test
    void two_screens_ask_for_name_and_password_and_then_for_the_code() {
        Enrolled anna = SERVER.enrolled("anna");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        assertThat(visitor.field("code").count()).isZero();

        visitor.type("username", "anna").type("password", TestServer.PASSWORD).press("sign-in.submit");
        visitor.isOn("/sign-in/code").enterCode(anna.app().code());

        visitor.isOnAccountOf("anna");
    }

    @Test
    void one_page_asks_for_name_password_and_code_together() {
        SERVER.style(SignInStyle.ONE_PAGE);
        Enrolled bob = SERVER.enrolled("bob");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");

        visitor.type("username", "bob")
                .type("password", TestServer.PASSWORD)
                .type("code", bob.app().code());
        visitor.press("sign-in.submit");

        visitor.isOnAccountOf("bob");
    }

    @Test
    void identifier_first_asks_one_thing_on_each_screen() {
        SERVER.style(SignInStyle.IDENTIFIER_FIRST);
        Enrolled cleo = SERVER.enrolled("cleo");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        assertThat(visitor.field("password").count()).isZero();

        visitor.type("username", "cleo").press("sign-in.continue").isOn("/sign-in/password");
        visitor.type("password", TestServer.PASSWORD).press("password.continue").isOn("/sign-in/code");
        visitor.enterCode(cleo.app().code());

        visitor.isOnAccountOf("cleo");
    }
}
