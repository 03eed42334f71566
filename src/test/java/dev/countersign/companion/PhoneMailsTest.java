package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The mails that tell people of their phones, as they arrive. */
final class PhoneMailsTest {
    @Test
    void each_thing_that_happens_to_a_phone_is_told_once_in_the_language_of_its_owner() {
        try (TestServer server = TestServer.start();
                Postbox post = new Postbox()) {
            server.policy(Rules.Mode.OPTIONAL);
            mailServer(server, post);
            Account chief = server.person("chief", Role.ADMINISTRATOR);
            TestServer.Enrolled bea = server.enrolled("bea");
            Accounts accounts = server.get(Accounts.class);
            accounts.changeLocale(
                    bea.account(),
                    Optional.of("de"),
                    Actor.SYSTEM,
                    Origin.SYSTEM,
                    server.clock().instant());
            TestBrowser browser = server.browser();
            browser.follow(browser.signIn("bea", TestServer.PASSWORD, bea.app().code()));
            String to = bea.account().email();
            post.await(to, "A code app was set up for your account", 1);
            post.await(to, "Your account has a new recovery code", 1);
            post.empty();

            FakePhone phone = PhoneOwner.pair(server, browser, "Pixel");
            Postbox.Received added = post.await(to, "Ihrem Konto wurde ein Telefon hinzugefügt", 1);
            assertThat(added.text()).contains("/link?token=").contains("127.0.0.1");
            assertThat(added.html()).contains("lang=\"de\"");

            TestBrowser thief = server.browser();
            thief.follow(thief.signIn("bea", TestServer.PASSWORD));
            phone.decide(phone.request(), "report", "");
            post.await(to, REPORTED, 1);
            post.await(chief.email(), "bea reports: somebody else signed in with their password", 1);

            phone.post("/me/password", java.util.Map.of("password", "a new one nobody knows yet"));
            post.await(to, "Ihr Passwort wurde geändert", 1);
            server.get(AccountActions.class)
                    .removePhone(
                            bea.account(),
                            new PhoneId(phone.id()),
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            server.clock().instant());
            post.await(to, "Ein Telefon wurde von Ihrem Konto entfernt", 1);

            List<String> subjects =
                    post.to(to).stream().map(Postbox.Received::subject).toList();
            assertThat(subjects)
                    .containsExactlyInAnyOrder(
                            "Ihrem Konto wurde ein Telefon hinzugefügt",
                            "Ein Telefon wurde von Ihrem Konto entfernt",
                            REPORTED,
                            "Ihr Passwort wurde geändert");
            assertThat(post.to(chief.email())).hasSize(1);
        }
    }

    private static final String REPORTED = "Sie haben eine Anmeldung gemeldet: Wählen Sie ein neues Passwort";

    private static void mailServer(TestServer server, Postbox post) {
        MailSettings settings = new MailSettings(
                "127.0.0.1", post.port(), MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        server.get(MailServer.class)
                .change(
                        server.environment().id(),
                        settings,
                        Optional.empty(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        server.clock().instant());
    }
}
