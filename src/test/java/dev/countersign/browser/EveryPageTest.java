package dev.countersign.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.SignInStyle;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.FakePhone;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each page in each state a person can see, light and dark, wide and narrow: accessible, without sideways scrolling. {@code bin/test
 * EveryPageTest -Dcountersign.pictures=true} keeps a picture of each in {@code target/screenshots}.
 */
@Tag("browser")
class EveryPageTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    private final Gallery gallery = new Gallery();

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @BeforeEach
    void require_two_factors() {
        SERVER.style(SignInStyle.TWO_SCREENS);
        SERVER.policy(Rules.Mode.REQUIRED);
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
        gallery.hasNoFindings();
    }

    private static void nextCode() {
        SERVER.clock().advance(Duration.ofSeconds(60));
    }

    @Test
    void start_of_sign_in_in_each_style() {
        SERVER.person("anna");
        for (SignInStyle style : SignInStyle.values()) {
            SERVER.style(style);
            String name =
                    "sign-in-" + style.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            gallery.look(CHROMIUM.visitor().open("/sign-in"), name);
        }
        Visitor visitor =
                CHROMIUM.visitor().open("/sign-in").type("username", "anna").press("sign-in.continue");
        gallery.look(visitor.isOn("/sign-in/password"), "password");
        visitor.type("password", "wrong").press("password.continue");
        gallery.look(visitor.isToldThatLoginFailed(), "password-error");
    }

    @Test
    void start_of_sign_in_with_a_message() {
        SERVER.person("bob");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        visitor.type("username", "bob").type("password", "wrong").press("sign-in.submit");
        gallery.look(visitor.isToldThatLoginFailed(), "sign-in-error");
        gallery.look(CHROMIUM.visitor().open("/sign-in/code"), "sign-in-expired");
        SERVER.policy(Rules.Mode.OFF);
        gallery.look(CHROMIUM.visitor().signIn("bob").press("layout.sign-out"), "sign-in-signed-out");
    }

    @Test
    void code_and_recovery_code_and_too_many_of_them() {
        Enrolled cleo = SERVER.enrolled("cleo");
        Visitor visitor = CHROMIUM.visitor().signIn("cleo");
        gallery.look(visitor.isOn("/sign-in/code"), "code");
        gallery.look(visitor.follow("code.no-phone").isOn("/sign-in/recovery"), "recovery");
        visitor.type("code", "ABCD").press("recovery.submit");
        gallery.look(visitor.isToldThatLoginFailed(), "recovery-error");
        visitor.follow("recovery.back").enterCode(cleo.app().wrongCode());
        gallery.look(visitor.isToldThatLoginFailed(), "code-error");
        for (int guess = 0; guess < 4; guess++) {
            visitor.enterCode(cleo.app().wrongCode());
        }
        assertThat(visitor.heading()).isEqualTo(Words.of("throttled.heading"));
        gallery.look(visitor, "throttled");
    }

    @Test
    void registration() {
        SERVER.person("dora");
        Visitor visitor = CHROMIUM.visitor().signIn("dora");
        gallery.look(visitor.isOn("/sign-in/enrol"), "enrol");
        String secret = visitor.secret();
        visitor.type("code", "1").press("enrol.submit");
        gallery.look(visitor, "enrol-error");
        visitor.type("code", DebianTool.code(secret, SERVER.clock().instant())).press("enrol.submit");
        gallery.look(visitor.isOn("/sign-in/recovery-code"), "recovery-code");
        visitor.type("lastGroup", "1").press("recovery-code.submit");
        gallery.look(visitor, "recovery-code-error");
    }

    @Test
    void new_password() {
        Account emil = SERVER.person("emil");
        SERVER.policy(Rules.Mode.OFF);
        SERVER.get(Database.class)
                .write(() -> SERVER.get(Passwords.class).demandChange(emil.id(), Passwords.MustChange.values()[0]));
        Visitor visitor = CHROMIUM.visitor().signIn("emil").isOn("/sign-in/new-password");
        gallery.look(visitor, "new-password");
        visitor.type("password", "short").type("again", "short").press("new-password.submit");
        gallery.look(visitor.isOn("/sign-in/new-password"), "new-password-error");
        visitor.type("password", "a long new password")
                .type("again", "another one")
                .press("new-password.submit");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.passwords-differ"));
    }

    @Test
    void my_account() {
        SERVER.policy(Rules.Mode.OFF);
        Account fay = SERVER.person("fay");
        SERVER.group("Accounting", fay);
        SERVER.group("Customer service for the northern provinces", fay);
        gallery.look(CHROMIUM.visitor().signIn("fay").isOnAccountOf("fay"), "account-without-app");
        SERVER.policy(Rules.Mode.OPTIONAL);
        gallery.look(CHROMIUM.visitor().signIn("fay").isOnAccountOf("fay"), "account-notice");
        Enrolled gus = SERVER.enrolled("gus");
        CHROMIUM.visitor().signIn("gus", gus.app().code());
        nextCode();
        Visitor visitor = CHROMIUM.visitor().signIn("gus", gus.app().code());
        gallery.look(visitor.isOnAccountOf("gus"), "account-with-app");
        gallery.look(visitor.follow("account.app-remove").isOn("/account/app/remove"), "remove-app");
    }

    @Test
    void console() {
        Enrolled root = SERVER.enrolled("root", Role.ADMINISTRATOR);
        Account hana = SERVER.person("hana");
        SERVER.requireFor(SERVER.group("Sales", hana, SERVER.person("ines")), SERVER.group("Field service"));
        SERVER.get(Policies.class)
                .exempt(
                        hana,
                        "Phone was stolen, the new one arrives on Monday",
                        SERVER.clock().instant().plus(Duration.ofDays(3)),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        Visitor visitor = CHROMIUM.visitor().signIn("root", root.app().code()).open("/console");
        gallery.look(visitor.isOn("/console"), "console-overview");
        visitor.page().locator("details summary").first().click();
        gallery.look(visitor, "console-overview-table");
        gallery.look(visitor.open("/console/security"), "console-security");
        gallery.look(visitor.follow("security.edit").isOn("/console/security/edit"), "console-security-edit");
        visitor.page().locator("input[name=groups]").all().forEach(box -> box.uncheck());
        visitor.press("security-edit.submit");
        gallery.look(visitor, "console-security-edit-error");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.groups-empty"));
        visitor.page().locator("input[name=scope][value=EVERYONE]").check();
        visitor.press("security-edit.submit");
        gallery.look(visitor, "console-security-confirm");
        visitor.press("security-confirm.submit");
        gallery.look(visitor.isOn("/console/security"), "console-security-saved");
        gallery.look(visitor.open("/console/security/history"), "console-security-history");
        visitor.page().locator("form[action*=history] button").first().click();
        gallery.look(visitor, "console-security-return");
        gallery.look(visitor.open("/console/security/sessions"), "console-security-sessions");
        visitor.page().locator("#idle").fill("1");
        visitor.press("security-sessions.submit");
        gallery.look(visitor, "console-security-sessions-error");
        gallery.look(visitor.open("/console/security/start"), "console-security-start");
        visitor.press("security-start.submit").press("security-start.happened");
        gallery.look(visitor, "console-security-start-set");
        gallery.look(visitor.open("/console/readiness"), "console-readiness");
        gallery.look(visitor.open("/console/readiness?scope=EVERYONE&verdict=fine"), "console-readiness-fine");
        SERVER.policy(Rules.Mode.OFF);
        gallery.look(visitor.open("/console/security"), "console-security-off");
        gallery.look(visitor.open("/console"), "console-overview-off");
    }

    @Test
    void console_people() {
        Enrolled warden = SERVER.enrolled("warden", Role.ADMINISTRATOR);
        crowd();
        Visitor visitor =
                CHROMIUM.visitor().signIn("warden", warden.app().code()).open("/console/people");
        gallery.look(visitor.follow("people.next"), "console-people");
        gallery.look(visitor.open("/console/people?q=nobody-is-called-that"), "console-people-none");
        visitor.open("/console/people?q=member-0")
                .page()
                .locator("tbody input[name=id]")
                .first()
                .check();
        gallery.look(visitor, "console-people-ticked");
        visitor.press("people.continue");
        gallery.look(visitor, "console-job-confirm");
        gallery.look(visitor.press("bulk.reset"), "console-person-done");
        visitor.open("/console/people?q=member-")
                .page()
                .locator("input[name=all]")
                .check();
        visitor.press("people.continue").press("bulk.reset");
        gallery.look(visitor, "console-job");
        gallery.look(visitor.open("/console/jobs"), "console-jobs");
    }

    @Test
    void console_person_and_groups() {
        Enrolled keeper = SERVER.enrolled("keeper", Role.ADMINISTRATOR);
        Enrolled lena = SERVER.enrolled("lena", Role.HELP_DESK);
        Group north = SERVER.group("North", lena.account(), SERVER.person("mila"));
        SERVER.group("Everyone in the northern provinces and the islands");
        String person = "/console/people/" + lena.account().id().value();
        Visitor visitor =
                CHROMIUM.visitor().signIn("keeper", keeper.app().code()).open(person);
        gallery.look(visitor, "console-person");
        gallery.look(visitor.open(person + "/edit"), "console-person-edit");
        for (String what : List.of("role", "password", "delete", "replace-phone")) {
            gallery.look(visitor.open(person + "/" + what), "console-person-" + what);
        }
        gallery.look(visitor.press("person.replace-phone"), "console-person-code");
        gallery.look(visitor.open("/console/people/new"), "console-person-new");
        gallery.look(visitor.open("/console/groups"), "console-groups");
        String group = "/console/groups/" + north.id().value();
        gallery.look(visitor.open(group), "console-group");
        gallery.look(visitor.open(group + "/add"), "console-group-add");
        gallery.look(visitor.open(group + "/delete"), "console-group-delete");
    }

    /** More people than fit on one page, some with names that leave little room. */
    private static void crowd() {
        for (int i = 0; i < 55; i++) {
            String username = "member-%02d@a-rather-long-department-name.northwind.example".formatted(i);
            String name = i % 7 == 0 ? "Maximiliane Wolkenstein-Trostburg von und zu Hohenfels" : "Member " + i;
            SERVER.get(Accounts.class)
                    .create(
                            SERVER.environment().id(),
                            new NewAccount(username, name, username, Role.USER),
                            Actor.SYSTEM,
                            Origin.SYSTEM,
                            SERVER.clock().instant());
        }
    }

    @Test
    void console_find_people() {
        Enrolled finder = SERVER.enrolled("finder", Role.ADMINISTRATOR);
        Group group = SERVER.group("Harbour", SERVER.person("nils"), SERVER.person("nina"));
        Visitor visitor =
                CHROMIUM.visitor().signIn("finder", finder.app().code()).open("/console/security/edit");
        visitor.page().locator("input[name=scope][value=SELECTED]").check();
        Locator find = visitor.page().locator("button[formaction$='/find']");
        find.evaluate("button => button.replaceWith(button.cloneNode(true))"); // what a page without scripts does
        visitor.loading(find::click);
        visitor.type("q", "ni").loading(visitor.page().locator("button[name=do][value=search]")::click);
        visitor.page().locator("#found input[name=id]").first().check();
        gallery.look(visitor, "console-security-find");
        String members = "/console/groups/" + group.id().value();
        gallery.look(visitor.open(members + "?q=nil"), "console-group-search");
        gallery.look(visitor.open(members + "?q=nobody-at-all"), "console-group-search-none");
    }

    @Test
    void console_search_dialogs() {
        Enrolled seeker = SERVER.enrolled("seeker", Role.ADMINISTRATOR);
        crowd();
        for (int i = 1; i <= 24; i++) {
            SERVER.group("Department of inland waterways and harbours section %02d".formatted(i));
        }
        Visitor visitor =
                CHROMIUM.visitor().signIn("seeker", seeker.app().code()).open("/console/security/edit");
        visitor.page().locator("input[name=mode][value=REQUIRED]").check();
        visitor.page().locator("input[name=scope][value=SELECTED]").check();
        visitor.page().locator("[data-opens=find-people]").click();
        Locator found = visitor.page().locator("dialog[open] [data-found] input");
        found.first().check();
        visitor.page().locator("dialog[open] input[type=search]").fill("member-1");
        assertThat(visitor.page().locator("dialog[open] [data-ticked] li")).hasCount(1);
        gallery.look(visitor, "console-finder-people");
        visitor.page().locator("dialog[open] input[type=search]").fill("nobody at all");
        assertThat(visitor.page().locator("dialog[open] [role=status]")).hasText(Words.of("people.count", 0));
        gallery.look(visitor, "console-finder-none");
        visitor.page().locator("dialog[open] [data-take]").click();
        gallery.look(visitor, "console-security-edit-many");
        visitor.page().locator("[data-opens=find-groups]").click();
        assertThat(found.first()).isVisible();
        gallery.look(visitor, "console-finder-groups");
    }

    @Test
    void console_api_keys() {
        Enrolled smith = SERVER.enrolled("smith", Role.ADMINISTRATOR);
        Visitor visitor = CHROMIUM.visitor().signIn("smith", smith.app().code()).open("/console/api-keys");
        gallery.look(visitor, "console-api-keys-none");
        gallery.look(visitor.open("/console/api-keys/new"), "console-api-key-new");
        visitor.type("name", "Payroll").press("console.api-key-new.submit");
        gallery.look(visitor, "console-api-key-new-error");
        visitor.type("name", "Payroll, every night")
                .page()
                .locator("input[name=scopes]")
                .first()
                .check();
        gallery.look(visitor.press("console.api-key-new.submit"), "console-api-key-made");
        gallery.look(visitor.open("/console/api-keys"), "console-api-keys");
        visitor.loading(visitor.page().locator("a[href*='/revoke?']").first()::click);
        gallery.look(visitor, "console-api-key-revoke");
    }

    @Test
    void console_import() {
        Enrolled mover = SERVER.enrolled("mover", Role.ADMINISTRATOR);
        Visitor visitor = CHROMIUM.visitor().signIn("mover", mover.app().code());
        gallery.look(visitor.open("/console/people/import"), "console-import-people");
        visitor.press("import.look");
        gallery.look(visitor, "console-import-people-error");
        String people = "username,email,name\nolaf,olaf@northwind.example,Olaf\nmover,m@northwind.example,Moved\n"
                + ",nobody@northwind.example,Nobody\n";
        give(visitor.open("/console/people/import"), "people.csv", people);
        gallery.look(visitor, "console-import-people-preview");
        gallery.look(visitor.press("import.submit"), "console-import-people-done");
        gallery.look(visitor.open("/console/people/import"), "console-import-people-before");
        running(visitor);
        gallery.look(visitor.open("/console/groups/import"), "console-import-groups");
        String groups = "group,member,nested\nWest,,\nWest,mover,\nWest,nobody-here,\nWest,,Coast\nCoast,,West\n";
        give(visitor, "groups.csv", groups);
        gallery.look(visitor, "console-import-groups-preview");
        gallery.look(visitor.press("import.submit"), "console-import-groups-done");
    }

    /** An import that is held up half-way: its page is looked at while the work stands still. */
    private void running(Visitor visitor) {
        StringBuilder many = new StringBuilder("username,email\n");
        for (int i = 0; i < 20_000; i++) {
            many.append("incoming-").append(i).append(",x@northwind.example\n");
        }
        give(visitor.open("/console/people/import"), "many.csv", many.toString());
        visitor.press("import.submit");
        gallery.look(visitor, "console-import-people-running");
    }

    private static void give(Visitor visitor, String name, String content) {
        visitor.page()
                .locator("input[type=file]")
                .setInputFiles(new FilePayload(name, "text/csv", content.getBytes(StandardCharsets.UTF_8)));
        visitor.press("import.look");
    }

    @Test
    void pairing_a_phone() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        Enrolled olga = SERVER.enrolled("olga");
        Visitor visitor = CHROMIUM.visitor().signIn("olga", olga.app().code()).isOnAccountOf("olga");
        pair(visitor);
        gallery.look(visitor.isOn("/sign-in/enrol/phone"), "pair-picture");
        FakePhone phone = claim(visitor);
        visitor.loading(() -> visitor.page().locator(".pair-words").waitFor());
        gallery.look(visitor, "pair-words");
        visitor.press("pair.differ");
        gallery.look(visitor, "pair-refused");
        assertThat(phone).isNotNull();
    }

    /** What the button on My account does. */
    private static void pair(Visitor visitor) {
        visitor.loading(() -> visitor.page().evaluate("""
                () => {
                  const form = document.createElement('form');
                  form.method = 'post';
                  form.action = '/account/phones/pair';
                  form.append(document.querySelector('[name=_csrf]').cloneNode());
                  document.body.append(form);
                  form.submit();
                }"""));
    }

    private static FakePhone claim(Visitor visitor) {
        String link = visitor.page().locator("a[href*='#pair=']").getAttribute("href");
        FakePhone phone = new FakePhone(SERVER.url(), SERVER.clock());
        String pairing = link.substring(link.indexOf("#pair=") + 6);
        assertThat(phone.claim(pairing, "Fairphone, the grey one").status()).isEqualTo(200);
        return phone;
    }

    @Test
    void approval_in_each_state() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        Enrolled pavel = SERVER.enrolled("pavel");
        Visitor visitor = CHROMIUM.visitor().signIn("pavel", pavel.app().code()).isOnAccountOf("pavel");
        pair(visitor);
        claim(visitor);
        visitor.loading(() -> visitor.page().locator(".pair-words").waitFor());
        visitor.press("pair.same");
        SERVER.clock().advance(Duration.ofMinutes(2));
        Visitor other = CHROMIUM.visitor().signIn("pavel").isOn("/sign-in/approval");
        gallery.look(other, "approval-open");
        SERVER.clock().advance(Approval.LIFE.plusSeconds(1));
        // In tabs of their own: a page that waits goes on by itself, and would come between.
        other = other.newTab().open("/sign-in/approval");
        gallery.look(other, "approval-expired");
        for (int asked = 0; asked < 6 && !other.page().url().contains("problem="); asked++) {
            SERVER.clock().advance(Approval.LIFE.plusSeconds(1));
            other = other.newTab().open("/sign-in/approval").press("approval.again");
        }
        assertThat(other.problem()).isEqualTo(Words.of("problem.approval-held-back"));
        gallery.look(other, "approval-held-back");
    }

    @Test
    void errors() {
        SERVER.policy(Rules.Mode.OFF);
        SERVER.person("jon");
        gallery.look(CHROMIUM.visitor().open("/nothing/here"), "error-404");
        gallery.look(CHROMIUM.visitor().open("/setup"), "setup-closed");
        Visitor visitor = CHROMIUM.visitor().signIn("jon").isOnAccountOf("jon");
        gallery.look(visitor.open("/console"), "error-403");
        assertThat(visitor.heading()).isEqualTo(Words.of("error.403.title"));
    }
}
