package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The language of the pages: the browser's, the one chosen in it, and the one an account keeps. */
@Tag("browser")
class LanguagesInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
    }

    private static void speaks(Visitor visitor, Locale locale, String headingKey) {
        assertThat(visitor.heading()).isEqualTo(Words.in(locale, headingKey));
        assertThat(visitor.page().locator("html").getAttribute("lang")).isEqualTo(locale.toLanguageTag());
    }

    @ParameterizedTest
    @CsvSource({"en, English, de", "de, Deutsch, en", "fr, Français, en", "nl, Nederlands, en"})
    void language_is_chosen_on_the_sign_in_page_and_stays_chosen_on_the_next(String tag, String name, String browser) {
        Locale locale = Locale.forLanguageTag(tag);
        SERVER.policy(Rules.Mode.REQUIRED);
        SERVER.enrolled("chooser-" + tag);
        Visitor visitor = CHROMIUM.visitorPreferring(browser).open("/sign-in");
        speaks(visitor, Locale.forLanguageTag(browser), "sign-in.heading");

        visitor.loading(visitor.button(name)::click);

        speaks(visitor, locale, "sign-in.heading");
        visitor.type("username", "chooser-" + tag).type("password", TestServer.PASSWORD);
        visitor.loading(visitor.button(Words.in(locale, "sign-in.submit"))::click);
        speaks(visitor, locale, "code.heading");
    }

    @Test
    void language_switched_in_the_middle_of_a_sign_in_keeps_the_sign_in() {
        SERVER.policy(Rules.Mode.REQUIRED);
        Enrolled anna = SERVER.enrolled("anna");
        Visitor visitor = CHROMIUM.visitor().signIn("anna").isOn("/sign-in/code");

        visitor.loading(visitor.button("Nederlands")::click).isOn("/sign-in/code");
        visitor.type("code", anna.app().code());
        visitor.loading(visitor.button(Words.in(Locale.of("nl"), "code.submit"))::click);

        speaks(visitor.isOn("/account"), Locale.of("nl"), "account.heading");
    }

    @ParameterizedTest
    @CsvSource({"en, English, fr", "de, Deutsch, en", "fr, Français, en", "nl, Nederlands, en"})
    void language_of_an_account_is_kept_wherever_it_signs_in(String tag, String name, String browser) {
        Locale before = Locale.forLanguageTag(browser);
        Locale chosen = Locale.forLanguageTag(tag);
        SERVER.policy(Rules.Mode.OFF);
        SERVER.person("keeper-" + tag);
        Visitor visitor = signedIn("keeper-" + tag, before);

        visitor.field("locale").selectOption(name);
        visitor.loading(visitor.button(Words.in(before, "account.language-save"))::click);
        speaks(visitor, chosen, "account.heading");
        assertThat(visitor.notice()).isEqualTo(Words.in(chosen, "notice.language-saved"));

        speaks(signedIn("keeper-" + tag, before), chosen, "account.heading");
    }

    private static Visitor signedIn(String username, Locale browser) {
        SERVER.clock().advance(Duration.ofMinutes(1));
        Visitor visitor = CHROMIUM.visitorPreferring(browser.toLanguageTag()).open("/sign-in");
        visitor.type("username", username).type("password", TestServer.PASSWORD);
        return visitor.loading(visitor.button(Words.in(browser, "sign-in.submit"))::click)
                .isOn("/account");
    }
}
