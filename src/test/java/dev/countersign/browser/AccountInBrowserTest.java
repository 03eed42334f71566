package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people do themselves on My account. */
@Tag("browser")
class AccountInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @BeforeEach
    void everybody_may() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
    }

    private static String codeOf(String secret) {
        return DebianTool.code(secret, SERVER.clock().instant());
    }

    private static void later() {
        SERVER.clock().advance(Duration.ofMinutes(6));
    }

    private static Visitor signedIn(Enrolled person) {
        return signedInTo("/account", person);
    }

    private static Visitor signedInTo(String path, Enrolled person) {
        SERVER.clock().advance(Duration.ofMinutes(1));
        return CHROMIUM.visitor()
                .signIn(person.account().username(), person.app().code())
                .isOn(path);
    }

    private static Visitor proveAgain(Visitor visitor, Enrolled person) {
        visitor.isOn("/sign-in/password").type("password", TestServer.PASSWORD).press("password.continue");
        return visitor.isOn("/sign-in/code").enterCode(person.app().code());
    }

    private static Locator sessions(Visitor visitor) {
        return visitor.page().locator("[aria-labelledby=sessions] li");
    }

    @Test
    void person_without_an_app_is_reminded_until_it_is_set_up() {
        SERVER.person("anna");
        Visitor visitor = CHROMIUM.visitor().signIn("anna").isOnAccountOf("anna");
        assertThat(visitor.page().locator(".banner").innerText()).contains(Words.of("reminder.not-set-up"));

        visitor.press("account.set-up").isOn("/sign-in/enrol");
        visitor.type("code", codeOf(visitor.secret())).press("enrol.submit").keepRecoveryCode();

        visitor.isOnAccountOf("anna");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.app-set-up"));
        assertThat(visitor.reload().page().locator(".banner").count()).isZero();
        later();
        CHROMIUM.visitor().signIn("anna").isOn("/sign-in/code");
    }

    @Test
    void setting_up_can_be_cancelled() {
        SERVER.person("bob");
        Visitor visitor =
                CHROMIUM.visitor().signIn("bob").press("account.set-up").isOn("/sign-in/enrol");

        visitor.follow("enrol.cancel").isOnAccountOf("bob");

        CHROMIUM.visitor().signIn("bob").isOnAccountOf("bob");
    }

    @Test
    void one_other_session_is_ended() {
        Enrolled cleo = SERVER.enrolled("cleo");
        Visitor left = signedIn(cleo);
        Visitor here = signedIn(cleo);
        assertThat(sessions(here).count()).isEqualTo(2);

        here.loading(sessions(here).locator("button")::click);

        assertThat(here.notice()).isEqualTo(Words.of("notice.sessions-ended"));
        assertThat(sessions(here).count()).isEqualTo(1);
        left.open("/account").isOn("/sign-in");
        here.reload().isOnAccountOf("cleo");
    }

    @Test
    void all_other_sessions_are_ended_at_once() {
        Enrolled dora = SERVER.enrolled("dora");
        Visitor first = signedIn(dora);
        Visitor second = signedIn(dora);
        Visitor here = signedIn(dora);

        here.press("account.sessions-end-others").isOnAccountOf("dora");

        first.open("/account").isOn("/sign-in");
        second.open("/account").isOn("/sign-in");
        assertThat(sessions(here).count()).isEqualTo(1);
    }

    @Test
    void new_recovery_code_needs_fresh_proofs_and_ends_the_old_one() {
        Enrolled emil = SERVER.enrolled("emil");
        Visitor visitor = signedIn(emil);
        later();

        proveAgain(visitor.press("account.recovery-new"), emil).isOn("/sign-in/recovery-code");
        String code = visitor.keepRecoveryCode().replace(" ", "");
        visitor.isOnAccountOf("emil");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.recovery-code-new"));

        later();
        Visitor other = CHROMIUM.visitor().signIn("emil").follow("code.no-phone");
        other.type("code", emil.recoveryCode()).press("recovery.submit").isToldThatLoginFailed();
        other.type("code", code).press("recovery.submit").isOn("/sign-in/recovery-code");
    }

    @Test
    void new_recovery_code_that_was_not_saved_leaves_the_old_one_as_it_was() {
        Enrolled kim = SERVER.enrolled("kim");
        Visitor visitor = signedIn(kim);

        visitor.press("account.recovery-new").isOn("/sign-in/recovery-code");
        visitor.open("/account").isOnAccountOf("kim");

        signedInTo("/account", kim).isOnAccountOf("kim");
    }

    @Test
    void replaced_app_is_dead_once_the_new_one_is_confirmed() {
        Enrolled fay = SERVER.enrolled("fay");
        Visitor visitor = signedIn(fay);
        later();

        proveAgain(visitor.press("account.app-replace"), fay).isOn("/sign-in/enrol");
        String secret = visitor.secret();
        visitor.type("code", codeOf(secret)).press("enrol.submit");
        visitor.isOnAccountOf("fay");

        later();
        Visitor other = CHROMIUM.visitor().signIn("fay");
        other.enterCode(fay.app().code()).isToldThatLoginFailed();
        other.enterCode(codeOf(secret)).isOnAccountOf("fay");
    }

    @Test
    void changed_password_is_the_only_one_and_ends_other_sessions() {
        Enrolled gus = SERVER.enrolled("gus");
        Visitor left = signedIn(gus);
        Visitor visitor = signedIn(gus);

        visitor.press("account.password-change").isOn("/sign-in/new-password");
        visitor.type("password", "a fresh and long password").type("again", "a fresh and long password");
        visitor.press("new-password.submit").isOnAccountOf("gus");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.password-changed"));

        left.open("/account").isOn("/sign-in");
        later();
        Visitor other = CHROMIUM.visitor().signIn("gus").isToldThatLoginFailed();
        other.type("username", "gus")
                .type("password", "a fresh and long password")
                .press("sign-in.submit");
        other.isOn("/sign-in/code").enterCode(gus.app().code()).isOnAccountOf("gus");
    }

    @Test
    void removed_app_leaves_the_password_alone() {
        Enrolled hana = SERVER.enrolled("hana");
        Visitor visitor = signedIn(hana);
        later();

        proveAgain(visitor.follow("account.app-remove"), hana).isOn("/account/app/remove");
        visitor.press("remove-app.submit").isOnAccountOf("hana");

        assertThat(visitor.notice()).isEqualTo(Words.of("notice.app-removed"));
        CHROMIUM.visitor().signIn("hana").isOnAccountOf("hana");
    }

    @Test
    void app_that_is_required_cannot_be_removed() {
        SERVER.policy(Rules.Mode.REQUIRED);
        Visitor visitor = signedIn(SERVER.enrolled("ines"));

        assertThat(visitor.link(Words.of("account.app-remove")).count()).isZero();

        visitor.open("/account/app/remove").isOn("/account");
    }
}
