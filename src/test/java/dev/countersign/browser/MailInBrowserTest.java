package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The mail page, a forgotten password and the activity page, as people see them. */
@Tag("browser")
class MailInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Postbox POST = new Postbox();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    private final Gallery gallery = new Gallery();

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
        POST.close();
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
        gallery.hasNoFindings();
    }

    @Test
    void mail_is_set_up_and_tried_and_a_forgotten_password_replaced() {
        SERVER.policy(Rules.Mode.OFF);
        Enrolled ada = SERVER.enrolled("ada", Role.ADMINISTRATOR);
        Account bea = SERVER.person("bea");
        Visitor admin = CHROMIUM.visitor().signIn("ada").isOnAccountOf("ada").open("/console/mail");
        admin.enterCode(ada.app().code()).isOn("/console/mail");
        admin.follow("mail-page.set-up").isOn("/console/mail/edit");
        gallery.look(admin, "mail-edit");
        admin.type("host", "127.0.0.1").type("port", Integer.toString(POST.port()));
        admin.page().locator("input[name=security][value=none]").check();
        admin.type("username", "mailer")
                .type("fromAddress", "login@northwind.example")
                .press("mail-edit.submit");
        assertThat(admin.problem()).isEqualTo(Words.of("problem.mail-unprotected"));
        admin.type("username", "").press("mail-edit.submit").isOn("/console/mail");
        admin.press("mail-page.test");
        assertThat(admin.notice()).contains("250");
        POST.await("ada@northwind.example", "Test mail", 1);
        gallery.look(admin, "mail");

        Visitor visitor = CHROMIUM.visitor().open("/sign-in").follow("forgot.offer");
        gallery.look(visitor.isOn("/forgot"), "forgot");
        visitor.type("username", "bea").press("forgot.submit");
        gallery.look(visitor.isOn("/forgot/sent"), "forgot-sent");
        String link = POST.await(bea.email(), "Choose a new password", 1).link();
        visitor.open(link.substring(link.indexOf("/link")));
        gallery.look(visitor, "link-new-password");
        visitor.type("password", "a quite different battery")
                .type("again", "a quite different battery")
                .press("new-password.submit");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.password-set"));
        String told = POST.await(bea.email(), "Your password was changed", 1).link();
        gallery.look(visitor.open(told.substring(told.indexOf("/link"))), "link-not-me");
        gallery.look(visitor.open("/link?token=x"), "link-closed");
        gallery.look(admin.open("/console/activity"), "activity");
    }
}
