package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Keyboard;
import dev.countersign.directory.SignInStyle;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Signing in with what one has, in each style, and everything that can go wrong on the way. */
@Tag("browser")
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

    @Test
    void wrong_password_is_refused_with_the_one_sentence() {
        SERVER.person("dana");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");

        visitor.type("username", "dana").type("password", "not her password").press("sign-in.submit");

        visitor.isOn("/sign-in").isToldThatLoginFailed();
    }

    @Test
    void wrong_code_is_refused_with_the_same_sentence() {
        Enrolled emil = SERVER.enrolled("emil");
        Visitor visitor = CHROMIUM.visitor().signIn("emil");

        visitor.enterCode(emil.app().wrongCode());

        visitor.isOn("/sign-in/code").isToldThatLoginFailed();
        visitor.enterCode(emil.app().code()).isOnAccountOf("emil");
    }

    @Test
    void one_page_does_not_tell_a_wrong_code_from_a_missing_one_or_a_wrong_password() {
        SERVER.style(SignInStyle.ONE_PAGE);
        Enrolled fay = SERVER.enrolled("fay");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");

        visitor.type("username", "fay")
                .type("password", TestServer.PASSWORD)
                .type("code", fay.app().wrongCode());
        visitor.press("sign-in.submit").isOn("/sign-in").isToldThatLoginFailed();
        visitor.type("username", "fay").type("password", TestServer.PASSWORD).type("code", "");
        visitor.press("sign-in.submit").isOn("/sign-in").isToldThatLoginFailed();
        visitor.type("username", "fay")
                .type("password", "wrong")
                .type("code", fay.app().code());
        visitor.press("sign-in.submit").isOn("/sign-in").isToldThatLoginFailed();

        assertThat(visitor.open("/account").path()).isEqualTo("/sign-in");
    }

    @Test
    void code_that_was_used_is_refused_in_another_sign_in() {
        Enrolled gus = SERVER.enrolled("gus");
        String code = gus.app().code();
        CHROMIUM.visitor().signIn("gus", code).isOnAccountOf("gus");

        Visitor other = CHROMIUM.visitor().signIn("gus", code);

        other.isOn("/sign-in/code").isToldThatLoginFailed();
    }

    @Test
    void code_older_than_the_window_is_refused() {
        Enrolled hana = SERVER.enrolled("hana");
        String code = hana.app().code();
        Visitor visitor = CHROMIUM.visitor().signIn("hana");
        SERVER.clock().advance(Duration.ofSeconds(90));

        visitor.enterCode(code);

        visitor.isOn("/sign-in/code").isToldThatLoginFailed();
    }

    @Test
    void sign_in_that_took_too_long_says_so_and_starts_again() {
        Enrolled ines = SERVER.enrolled("ines");
        Visitor visitor = CHROMIUM.visitor().signIn("ines");
        SERVER.clock().advance(Duration.ofMinutes(11));

        visitor.enterCode(ines.app().code());

        visitor.isOn("/sign-in");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.sign-in-expired"));
        visitor.type("username", "ines").type("password", TestServer.PASSWORD).press("sign-in.submit");
        visitor.enterCode(ines.app().code()).isOnAccountOf("ines");
    }

    @Test
    void second_tab_of_a_finished_sign_in_leads_to_the_account_too() {
        Enrolled jon = SERVER.enrolled("jon");
        Visitor first = CHROMIUM.visitor().signIn("jon");
        Visitor second = first.newTab().open("/sign-in/code");

        first.enterCode(jon.app().code()).isOnAccountOf("jon");
        second.enterCode(jon.app().code()).isOnAccountOf("jon");
        second.reload().isOnAccountOf("jon");

        assertThat(first.page().locator("[aria-labelledby=sessions] li").count())
                .as("sessions made by one sign-in")
                .isEqualTo(1);
    }

    @Test
    void second_tab_answers_the_sign_in_that_the_first_began() {
        Enrolled kim = SERVER.enrolled("kim");
        Visitor first = CHROMIUM.visitor().open("/sign-in");
        Visitor second = first.newTab().open("/sign-in");

        first.type("username", "kim").type("password", TestServer.PASSWORD).press("sign-in.submit");
        second.type("username", "kim").type("password", TestServer.PASSWORD).press("sign-in.submit");
        first.enterCode(kim.app().code()).isOnAccountOf("kim");

        second.open("/account").isOnAccountOf("kim");
    }

    @Test
    void going_back_and_reloading_repeats_nothing_and_breaks_nothing() {
        SERVER.style(SignInStyle.IDENTIFIER_FIRST);
        Enrolled lena = SERVER.enrolled("lena");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in").reload().isOn("/sign-in");

        visitor.type("username", "lena").press("sign-in.continue").reload().isOn("/sign-in/password");
        visitor.back().isOn("/sign-in").forward().isOn("/sign-in/password");
        visitor.type("password", TestServer.PASSWORD)
                .press("password.continue")
                .reload()
                .isOn("/sign-in/code");
        visitor.back().isOn("/sign-in/code");
        visitor.enterCode(lena.app().code()).reload().isOnAccountOf("lena");
        visitor.back().isOn("/account").reload().isOnAccountOf("lena");
    }

    @Test
    void keyboard_alone_is_enough() {
        Enrolled mila = SERVER.enrolled("mila");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        Keyboard keyboard = visitor.page().keyboard();

        assertThat(visitor.focusedField()).isEqualTo("username");
        keyboard.type("mila");
        keyboard.press("Tab");
        assertThat(visitor.focusedField()).isEqualTo("password");
        keyboard.type(TestServer.PASSWORD);
        visitor.loading(() -> keyboard.press("Enter")).isOn("/sign-in/code");
        assertThat(visitor.focusedField()).isEqualTo("code");
        keyboard.type(mila.app().code());
        keyboard.press("Tab");
        visitor.loading(() -> keyboard.press("Enter"));

        visitor.isOnAccountOf("mila");
    }

    @Test
    void sign_out_ends_the_session() {
        Enrolled olga = SERVER.enrolled("olga");
        Visitor visitor = CHROMIUM.visitor().signIn("olga", olga.app().code());

        visitor.press("layout.sign-out").isOn("/sign-in");

        assertThat(visitor.notice()).isEqualTo(Words.of("notice.signed-out"));
        assertThat(visitor.back().path()).isEqualTo("/sign-in");
    }
}
