package dev.countersign.portal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.Crowd;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** G15: links in mails act when a person says so, once, and forgotten passwords tell nobody who exists. */
class MailedLinksTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Postbox POST = new Postbox();
    private static final String NEW_PASSWORD = "a quite different battery";

    @AfterAll
    static void stop() {
        SERVER.close();
        POST.close();
    }

    @BeforeEach
    void mail_works_and_nothing_lies_about() {
        POST.empty();
        SERVER.policy(Rules.Mode.OFF);
        SERVER.clock().advance(Duration.ofHours(2));
        mailServer(POST.port());
    }

    private static void mailServer(int port) {
        MailSettings settings = new MailSettings(
                "127.0.0.1", port, MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        SERVER.get(MailServer.class)
                .change(
                        SERVER.environment().id(),
                        settings,
                        Optional.empty(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
    }

    private static TestBrowser.Reply forget(TestBrowser browser, String name) {
        browser.get("/forgot");
        return browser.post("/forgot", "username", name);
    }

    /** The path of the link in the nth mail that sets a new password. */
    private static String linkTo(Account account, int nth) {
        return path(POST.await(account.email(), "Choose a new password", nth).link());
    }

    private static String path(String link) {
        return link.substring(link.indexOf("/link"));
    }

    private static String tokenOf(String path) {
        return path.substring(path.indexOf('=') + 1);
    }

    @Test
    void a_forgotten_password_is_replaced_and_nothing_else() {
        TestServer.Enrolled bea = SERVER.enrolled("bea");
        TestBrowser elsewhere = SERVER.browser();
        elsewhere.signIn("bea", TestServer.PASSWORD, bea.app().code());
        assertThat(elsewhere.get("/account").status()).isEqualTo(200);
        TestBrowser browser = SERVER.browser();
        assertThat(forget(browser, "bea").location()).isEqualTo("/forgot/sent");
        String link = linkTo(bea.account(), 1);
        for (int i = 0; i < 5; i++) {
            TestBrowser scanner = SERVER.browser().header("User-Agent", "MailScanner/1.0");
            assertThat(scanner.get(link).status()).isEqualTo(200);
            assertThat(scanner.request("HEAD", link).status()).isEqualTo(200);
        }
        TestBrowser.Reply page = browser.get(link);
        assertThat(page.body()).contains("bea", "127.0.0.1");
        TestBrowser.Reply done =
                browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD);
        assertThat(done.location()).isEqualTo("/sign-in?notice=password-set");
        assertThat(browser.cookie("__Host-countersign")).isEmpty();
        assertThat(elsewhere.get("/account").status()).isEqualTo(303);
        assertThat(SERVER.browser().signIn("bea", TestServer.PASSWORD).location())
                .contains("problem=sign-in-failed");
        SERVER.policy(Rules.Mode.REQUIRED);
        assertThat(SERVER.browser().signIn("bea", NEW_PASSWORD).location()).isEqualTo("/sign-in/code");
        assertThat(SERVER.browser().get(link).status()).isEqualTo(404);
        assertThat(browser.post("/link", "token", tokenOf(link), "password", "x", "again", "x")
                        .status())
                .isEqualTo(404);
        POST.await(bea.account().email(), "Your password was changed", 1);
    }

    @Test
    void ac_059_a_password_set_by_mail_makes_all_browsers_strangers_and_names_the_api_keys_that_go_on() {
        TestServer.Enrolled ada = SERVER.enrolled("ada.keys", Role.ADMINISTRATOR);
        TestBrowser known = SERVER.browser();
        known.signIn("ada.keys", TestServer.PASSWORD, ada.app().code());
        assertThat(browsers(ada.account())).isEqualTo(1);
        key(ada.account(), "deploy");
        ApiKey revoked = key(ada.account(), "old reports");
        SERVER.get(ApiKeys.class)
                .revoke(
                        SERVER.environment().id(),
                        revoked.id(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        TestBrowser browser = SERVER.browser();
        forget(browser, "ada.keys");
        String link = linkTo(ada.account(), 1);
        browser.get(link);
        browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD);
        assertThat(browsers(ada.account())).isZero();
        assertThat(known.get("/account").status()).isEqualTo(303);
        Postbox.Received told = POST.await(ada.account().email(), "Your password was changed", 1);
        assertThat(told.text())
                .contains("Your API keys go on working: deploy. If you do not know one of them")
                .doesNotContain("old reports");
        assertThat(told.html()).contains("deploy");
    }

    private static long browsers(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM known_browser WHERE account_id = ?",
                account.id().value());
    }

    private static ApiKey key(Account owner, String name) {
        ApiKeys.Creation creation = SERVER.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                name,
                                Scopes.parse(List.of("view-people")).orElseThrow(),
                                SERVER.clock().instant().plus(Duration.ofDays(30))),
                        new ApiKeys.Giver.CommandLine(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        return ((ApiKeys.Creation.Created) creation).key();
    }

    @Test
    void a_password_that_was_reported_and_blocked_is_replaced_by_mail() {
        Account emil = SERVER.person("emil.blocked");
        Passwords passwords = SERVER.get(Passwords.class);
        SERVER.get(Database.class).write(() -> passwords.block(emil.id(), "request"));
        assertThat(SERVER.browser().signIn("emil.blocked", TestServer.PASSWORD).location())
                .contains("problem=sign-in-failed");
        TestBrowser browser = SERVER.browser();
        forget(browser, "emil.blocked");
        String link = linkTo(emil, 1);
        browser.get(link);
        browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD);
        assertThat(passwords.blockedBy(emil.id())).isEmpty();
        assertThat(SERVER.browser().signIn("emil.blocked", NEW_PASSWORD).location())
                .isEqualTo("/account");
    }

    @Test
    void a_password_that_does_not_fit_uses_nothing_up() {
        Account carl = SERVER.person("carl");
        TestBrowser browser = SERVER.browser();
        forget(browser, "carl");
        String link = linkTo(carl, 1);
        browser.get(link);
        assertThat(browser.post("/link", "token", tokenOf(link), "password", "short", "again", "short")
                        .status())
                .isEqualTo(422);
        assertThat(browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", "other")
                        .status())
                .isEqualTo(422);
        assertThat(browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD)
                        .status())
                .isEqualTo(303);
    }

    private static String invited(Account account, int nth) {
        MailQueue queue = SERVER.get(MailQueue.class);
        SERVER.get(Database.class)
                .write(() -> queue.sendPairing(account, SERVER.clock().instant()));
        return path(POST.await(account.email(), "Approve sign-ins on your phone", nth)
                .link());
    }

    @Test
    void an_invitation_leads_through_the_whole_sign_in_to_a_paired_phone_once() {
        TestServer.Enrolled gina = SERVER.enrolled("pair.gina");
        String link = invited(gina.account(), 1);
        TestBrowser browser = SERVER.browser();
        assertThat(browser.get(link).body()).contains("Add your phone", "pair.gina");
        assertThat(SERVER.browser().get(link).status())
                .as("looking uses nothing up")
                .isEqualTo(200);
        assertThat(browser.post("/link", "token", tokenOf(link)).location()).isEqualTo("/sign-in/password");
        assertThat(browser.cookie("__Host-countersign"))
                .as("the link signs nobody in")
                .isEmpty();
        browser.get("/sign-in/password");
        assertThat(browser.post("/sign-in/password", "password", "not her password")
                        .location())
                .contains("problem=sign-in-failed");
        assertThat(browser.post("/sign-in/password", "password", TestServer.PASSWORD)
                        .location())
                .isEqualTo("/sign-in/code");
        assertThat(browser.post("/sign-in/code", "code", gina.app().code()).location())
                .isEqualTo("/sign-in/enrol/phone");
        FakePhone phone = PhoneOwner.confirm(SERVER, browser, "Pixel");
        assertThat(phone.get("/me").status()).isEqualTo(200);
        assertThat(SERVER.browser().get(link).status()).isEqualTo(404);
        assertThat(browser.post("/link", "token", tokenOf(link)).status()).isEqualTo(404);
        assertThat(events(gina.account())).containsSubsequence("phone-invitation-used", "phone-paired");
    }

    @Test
    void an_invitation_of_someone_signed_in_asks_for_what_is_not_fresh_and_one_of_somebody_else_for_everything() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        TestServer.Enrolled hugo = SERVER.enrolled("pair.hugo");
        Account ines = SERVER.person("pair.ines");
        TestBrowser browser = SERVER.browser();
        browser.follow(
                browser.signIn("pair.hugo", TestServer.PASSWORD, hugo.app().code()));
        String own = invited(hugo.account(), 1);
        browser.get(own);
        assertThat(browser.post("/link", "token", tokenOf(own)).location()).isEqualTo("/sign-in/enrol/phone");
        SERVER.clock().advance(Duration.ofMinutes(6));
        String later = invited(hugo.account(), 2);
        browser.get(later);
        assertThat(browser.post("/link", "token", tokenOf(later)).location()).isEqualTo("/sign-in/password");
        String other = invited(ines, 1);
        browser.get(other);
        assertThat(browser.post("/link", "token", tokenOf(other)).location()).isEqualTo("/sign-in/password");
        assertThat(browser.get("/sign-in/password").body()).contains("pair.ines");
        String late = invited(ines, 2);
        SERVER.clock().advance(Duration.ofDays(7));
        assertThat(SERVER.browser().get(late).status()).isEqualTo(404);
    }

    @Test
    void an_invitation_of_somebody_without_anything_sets_up_the_phone_and_a_recovery_code() {
        SERVER.policy(Rules.Mode.REQUIRED);
        Account jan = SERVER.person("pair.jan");
        String link = invited(jan, 1);
        TestBrowser browser = SERVER.browser();
        browser.get(link);
        browser.post("/link", "token", tokenOf(link));
        browser.get("/sign-in/password");
        assertThat(browser.post("/sign-in/password", "password", TestServer.PASSWORD)
                        .location())
                .isEqualTo("/sign-in/enrol/phone");
    }

    private static List<String> events(Account account) {
        return SERVER.activityOf(account).stream()
                .map(ActivityEntry::kind)
                .toList()
                .reversed();
    }

    @Test
    void of_many_clicks_at_once_one_counts() throws Exception {
        Account dora = SERVER.person("dora");
        forget(SERVER.browser(), "dora");
        String link = linkTo(dora, 1);
        TestBrowser browser = SERVER.browser();
        browser.get(link);
        List<Integer> statuses = Crowd.together(
                4,
                () -> browser.fork()
                        .post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD)
                        .status());
        assertThat(statuses).containsOnlyOnce(303).contains(404);
    }

    @Test
    void a_link_is_dead_after_its_time_after_a_new_one_and_for_a_disabled_account() {
        Account emil = SERVER.person("emil");
        forget(SERVER.browser(), "emil");
        String first = linkTo(emil, 1);
        forget(SERVER.browser(), "emil");
        String second = linkTo(emil, 2);
        assertThat(SERVER.browser().get(first).status()).isEqualTo(404);
        assertThat(SERVER.browser().get(second).status()).isEqualTo(200);
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Accounts.class)
                        .disable(
                                emil,
                                Actor.SYSTEM,
                                Origin.SYSTEM,
                                SERVER.clock().instant()));
        assertThat(SERVER.browser().get(second).status()).isEqualTo(404);
        SERVER.get(Accounts.class)
                .enable(emil, Actor.SYSTEM, Origin.SYSTEM, SERVER.clock().instant());
        SERVER.clock().advance(Duration.ofHours(1));
        assertThat(SERVER.browser().get(second).status()).isEqualTo(404);
    }

    @Test
    void the_answer_is_the_same_whether_there_is_such_a_person_or_not() {
        Account fay = SERVER.person("fay");
        TestBrowser.Reply known = forget(SERVER.browser(), "fay");
        TestBrowser.Reply unknown = forget(SERVER.browser(), "nobody-at-all");
        TestBrowser.Reply empty = forget(SERVER.browser(), " ");
        assertThat(unknown.status()).isEqualTo(known.status());
        assertThat(unknown.location()).isEqualTo(known.location());
        assertThat(empty.location()).isEqualTo(known.location());
        assertThat(unknown.response().headers().map().keySet())
                .isEqualTo(known.response().headers().map().keySet());
        linkTo(fay, 1);
        assertThat(POST.all().stream()
                        .filter(mail -> mail.subject().equals("Choose a new password"))
                        .filter(mail -> !mail.to().equals(fay.email())))
                .isEmpty();
    }

    @Test
    void requests_are_counted_for_each_name_and_each_address() {
        for (String name : List.of("gus", "nobody-here")) {
            for (int i = 0; i < 3; i++) {
                assertThat(forget(SERVER.browser(), name).status()).isEqualTo(303);
            }
            assertThat(forget(SERVER.browser(), name).status()).isEqualTo(429);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(forget(SERVER.browser(), "other-" + i).status()).isEqualTo(303);
        }
        assertThat(forget(SERVER.browser(), "one-more").status()).isEqualTo(429);
    }

    @Test
    void a_link_leads_to_the_configured_address_whatever_the_request_says() {
        Account hana = SERVER.person("hana");
        TestBrowser browser = SERVER.browser()
                .header("X-Forwarded-Host", "evil.example")
                .header("X-Forwarded-Proto", "https")
                .header("Forwarded", "host=evil.example");
        forget(browser, "hana");
        assertThat(POST.await(hana.email(), "Choose a new password", 1).link())
                .startsWith(SERVER.url() + "/link?token=");
    }

    @Test
    void not_me_signs_out_everywhere_and_leaves_the_factors() {
        Account root = SERVER.person("root", Role.ADMINISTRATOR);
        TestServer.Enrolled ines = SERVER.enrolled("ines");
        TestBrowser thief = SERVER.browser();
        thief.signIn("ines", TestServer.PASSWORD, ines.app().code());
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Passwords.class)
                        .set(
                                ines.account(),
                                SERVER.get(Passwords.class)
                                        .prepare(dev.countersign.vault.SecretText.of(TestServer.PASSWORD))
                                        .orElseThrow(),
                                Optional.empty(),
                                Actor.SYSTEM,
                                Origin.SYSTEM,
                                SERVER.clock().instant()));
        String link = path(POST.await(ines.account().email(), "Your password was changed", 1)
                .link());
        TestBrowser owner = SERVER.browser();
        assertThat(owner.get(link).body()).contains("This was not me");
        assertThat(thief.get("/account").status()).isEqualTo(200);
        assertThat(owner.post("/link", "token", tokenOf(link)).location()).isEqualTo("/sign-in?notice=not-me-done");
        assertThat(thief.get("/account").status()).isEqualTo(303);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM totp WHERE account_id = ?",
                        ines.account().id().value()))
                .isEqualTo(1);
        assertThat(SERVER.get(Passwords.class).mustChange(ines.account().id())).contains(Passwords.MustChange.REQUIRED);
        assertThat(SERVER.activityOf(ines.account()).stream().map(ActivityEntry::kind))
                .contains("not-me-reported");
        POST.await(root.email(), "ines reports", 1);
    }

    @Test
    void an_address_is_confirmed_once_by_its_owner() {
        Account jon = SERVER.person("jon");
        SERVER.get(MailQueue.class)
                .sendConfirmation(jon, Origin.SYSTEM, SERVER.clock().instant());
        String link = path(POST.await(jon.email(), "Please confirm", 1).link());
        TestBrowser browser = SERVER.browser();
        assertThat(browser.get(link).body()).contains(jon.email());
        assertThat(SERVER.get(Accounts.class).emailConfirmedAt(jon.id())).isEmpty();
        assertThat(browser.post("/link", "token", tokenOf(link)).location())
                .isEqualTo("/sign-in?notice=address-confirmed");
        assertThat(SERVER.get(Accounts.class).emailConfirmedAt(jon.id()))
                .contains(SERVER.clock().instant());
        assertThat(browser.post("/link", "token", tokenOf(link)).status()).isEqualTo(404);
    }

    @Test
    void the_mailbox_buys_no_further_guesses_at_the_code() {
        SERVER.policy(Rules.Mode.REQUIRED);
        TestServer.Enrolled kim = SERVER.enrolled("kim");
        TestBrowser guesser = SERVER.browser();
        guesser.signIn("kim", TestServer.PASSWORD);
        guesser.get("/sign-in/code");
        for (int i = 0; i < 5; i++) {
            guesser.post("/sign-in/code", "code", kim.app().wrongCode());
        }
        forget(SERVER.browser(), "kim");
        String link = linkTo(kim.account(), 1);
        TestBrowser browser = SERVER.browser();
        browser.get(link);
        browser.post("/link", "token", tokenOf(link), "password", NEW_PASSWORD, "again", NEW_PASSWORD);
        TestBrowser again = SERVER.browser();
        assertThat(again.signIn("kim", NEW_PASSWORD).location()).isEqualTo("/sign-in/code");
        again.get("/sign-in/code");
        assertThat(again.post("/sign-in/code", "code", kim.app().wrongCode()).status())
                .isEqualTo(429);
    }

    @Test
    void nonsense_is_no_link() {
        for (String token : List.of("", "x", "a".repeat(43), "a".repeat(5_000), "%00", "<script>")) {
            TestBrowser browser = SERVER.browser();
            browser.get("/sign-in");
            assertThat(browser.post("/link", "token", token).status()).as(token).isEqualTo(404);
        }
        assertThat(SERVER.browser().get("/link").status()).isEqualTo(404);
    }

    @Test
    void without_mail_the_way_is_not_offered_and_nothing_is_kept() {
        SERVER.get(MailServer.class)
                .remove(
                        SERVER.environment().id(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        assertThat(SERVER.browser().get("/sign-in").body()).doesNotContain("/forgot");
        assertThat(SERVER.browser().get("/forgot").body()).contains("Please ask your administrator");
        long before = SERVER.count("SELECT count(*) FROM mail_queue WHERE state = 'QUEUED'");
        assertThat(forget(SERVER.browser(), "bea").location()).isEqualTo("/forgot/sent");
        assertThat(SERVER.count("SELECT count(*) FROM mail_queue WHERE state = 'QUEUED'"))
                .isEqualTo(before);
    }
}
