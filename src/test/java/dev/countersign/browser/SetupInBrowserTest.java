package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.factor.password.PasswordRules;
import dev.countersign.setup.SetupLinks;
import dev.countersign.support.TestServer;
import dev.countersign.vault.Token;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From the one-time link of a new installation to the console. */
@Tag("browser")
class SetupInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    private final Gallery gallery = new Gallery();

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
        gallery.hasNoFindings();
    }

    @Test
    void link_creates_the_first_administrator_leads_into_the_console_and_is_dead_afterwards() {
        Token token = SERVER.get(SetupLinks.class)
                .issue(SERVER.environment(), SERVER.clock().instant())
                .orElseThrow();
        String link = "/setup?token=" + token.reveal();
        Visitor visitor = gallery.look(CHROMIUM.visitor().open(link), "setup");

        visitor.type("username", "two words").type("displayName", "Person root").type("email", "root");
        visitor.type("password", "short").type("again", "shorter").press("setup.submit");
        gallery.look(visitor, "setup-error");
        assertThat(visitor.field("displayName").inputValue()).isEqualTo("Person root");
        assertThat(visitor.page().locator("#password-problem").innerText())
                .isEqualTo(Words.of("problem.password-too-short", PasswordRules.SHORTEST));

        visitor.type("username", "root").type("email", "root@northwind.example");
        visitor.type("password", TestServer.PASSWORD)
                .type("again", TestServer.PASSWORD)
                .press("setup.submit");
        visitor.isOn("/sign-in/enrol");
        visitor.type("code", DebianTool.code(visitor.secret(), SERVER.clock().instant()))
                .press("enrol.submit")
                .isOn("/sign-in/recovery-code")
                .keepRecoveryCode();
        visitor.isOn("/console");

        Visitor other = CHROMIUM.visitor().open(link);
        assertThat(other.heading()).isEqualTo(Words.of("setup-closed.heading"));
        assertThat(SERVER.get(SetupLinks.class)
                        .issue(SERVER.environment(), SERVER.clock().instant()))
                .isEmpty();
    }
}
