package dev.countersign.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.FilePayload;
import dev.countersign.directory.Account;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The daily work of the console without a mouse: Tab, Space, Enter and letters, in a real browser. */
@Tag("browser")
class ConsoleByKeyboardTest {
    private static final int MOST_STOPS = 150;

    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    /** Goes to an element by Tab alone. */
    private static Locator reach(Visitor visitor, Locator target) {
        for (int stop = 0; stop < MOST_STOPS; stop++) {
            if (Boolean.TRUE.equals(target.evaluate("element => element === document.activeElement"))) {
                return target;
            }
            visitor.page().keyboard().press("Tab");
        }
        throw new AssertionError("the keyboard does not come to " + target);
    }

    private static void enter(Visitor visitor, Locator target) {
        reach(visitor, target);
        visitor.loading(() -> visitor.page().keyboard().press("Enter"));
    }

    private static void enter(Visitor visitor, String key) {
        enter(visitor, visitor.button(Words.of(key)));
    }

    private static void write(Visitor visitor, String field, String text) {
        reach(visitor, visitor.field(field).first());
        visitor.page().keyboard().press("Control+a");
        visitor.page().keyboard().type(text);
    }

    private static void tick(Visitor visitor, Locator box) {
        reach(visitor, box);
        visitor.page().keyboard().press("Space");
        assertThat(box.isChecked()).isTrue();
    }

    @Test
    void daily_work_of_an_administrator() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        Enrolled ada = SERVER.enrolled("ada", Role.ADMINISTRATOR);
        Account bert = SERVER.person("bert");
        SERVER.person("cora");
        Visitor visitor = CHROMIUM.visitor().signIn("ada", ada.app().code()).open("/console");

        enter(visitor, visitor.page().locator(".status-bar .button").first());
        enter(visitor, "security-confirm.submit");
        assertThat(SERVER.get(Policies.class).rules(SERVER.environment().id()).mode())
                .isEqualTo(Rules.Mode.REQUIRED);

        visitor.open("/console/people");
        write(visitor, "q", "bert");
        visitor.loading(() -> visitor.page().keyboard().press("Enter"));
        tick(visitor, visitor.page().locator("tbody input[name=id]").first());
        enter(visitor, "people.continue");
        enter(visitor, "bulk.reset");
        assertThat(visitor.page().locator("main").innerText()).contains("bert");

        visitor.open("/console/groups");
        write(visitor, "name", "Harbour");
        visitor.loading(() -> visitor.page().keyboard().press("Enter"));
        press(visitor, visitor.link(Words.of("groups.add")).first());
        find(visitor, "bert", Words.of("people.count", 1));
        visitor.loading(() -> press(visitor, taking(visitor)));
        assertThat(SERVER.get(Groups.class).groupsOf(bert)).hasSize(1);
        CHROMIUM.endTest();
    }

    @Test
    void rule_for_people_and_groups_found_in_dialogs() {
        SERVER.policy(Rules.Mode.OFF);
        Enrolled olga = SERVER.enrolled("olga", Role.SECURITY_ADMINISTRATOR);
        SERVER.person("hugo-one");
        SERVER.person("ivan-two");
        for (int i = 1; i <= 21; i++) {
            SERVER.group("Berth %02d".formatted(i));
        }
        Visitor visitor = CHROMIUM.visitor()
                .signIn("olga")
                .open("/console/security/edit")
                .enterCode(olga.app().code());

        choose(visitor, "mode", "REQUIRED");
        choose(visitor, "scope", "SELECTED");
        assertThat(visitor.page().locator("#groups li:visible").count()).isZero();
        Locator findGroups = visitor.button(Words.of("find.groups") + " …");
        press(visitor, findGroups);
        find(visitor, "nothing like it", Words.of("find.groups-count", 0));
        find(visitor, "BERTH 07", Words.of("find.groups-count", 1));
        press(visitor, taking(visitor));
        assertThat(visitor.page().locator("#groups li:visible").allInnerTexts())
                .singleElement()
                .asString()
                .contains("Berth 07");

        Locator findPeople = visitor.button(Words.of("security-find.title") + " …");
        press(visitor, findPeople);
        find(visitor, "hugo", Words.of("people.count", 1));
        visitor.page().keyboard().press("Escape");
        assertThat(visitor.page().locator("dialog[open]").count()).isZero();
        assertThat(visitor.field("people").inputValue()).isEmpty();
        hasFocus(findPeople);
        press(visitor, findPeople);
        find(visitor, "hugo", Words.of("people.count", 1));
        find(visitor, "ivan", Words.of("people.count", 1));
        assertThat(visitor.page().locator("dialog[open] [data-ticked]").innerText())
                .contains("hugo-one");
        press(visitor, taking(visitor));
        assertThat(visitor.field("people").inputValue()).isEqualTo("hugo-one\nivan-two");
        hasFocus(findPeople);

        enter(visitor, "security-edit.submit");
        assertThat(visitor.page().locator("main").innerText())
                .contains(Words.of("coverage.selected", 2, "Berth 07", 2, 2));
        enter(visitor, "security-confirm.submit");
        assertThat(SERVER.get(Policies.class).rules(SERVER.environment().id()).scope())
                .isInstanceOf(Rules.Scope.Selected.class);
        CHROMIUM.endTest();
    }

    @Test
    void import_of_people() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        Enrolled moira = SERVER.enrolled("moira", Role.ADMINISTRATOR);
        Visitor visitor = CHROMIUM.visitor().signIn("moira", moira.app().code()).open("/console/people/import");

        // The dialog Enter opens on the field is the browser's own; what is chosen in it arrives like this.
        Locator file = reach(visitor, visitor.page().locator("#file"));
        String people = "username,email,name\nolaf,olaf@northwind.example,Olaf\n";
        file.setInputFiles(new FilePayload("people.csv", "text/csv", people.getBytes(StandardCharsets.UTF_8)));
        enter(visitor, "import.look");
        assertThat(visitor.page().locator("main").innerText()).contains("olaf");
        enter(visitor, "import.submit");
        assertThat(visitor.page().locator("main")).containsText(Words.of("job.state-finished"));
        assertThat(SERVER.count("SELECT count(*) FROM account WHERE username = 'olaf'"))
                .isOne();
        CHROMIUM.endTest();
    }

    @Test
    void code_in_place_of_an_approval_on_the_phone() {
        SERVER.policy(Rules.Mode.REQUIRED);
        PairedPerson pavel = PairedPerson.of(SERVER, "pavel");
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");

        write(visitor, "username", "pavel");
        write(visitor, "password", TestServer.PASSWORD);
        visitor.loading(() -> visitor.page().keyboard().press("Enter"));
        visitor.isOn("/sign-in/approval");
        enter(visitor, visitor.link(Words.of("approval.code-instead")));
        visitor.isOn("/sign-in/code");
        write(visitor, "code", pavel.enrolled().app().code());
        visitor.loading(() -> visitor.page().keyboard().press("Enter"));
        visitor.isOnAccountOf("pavel");
        CHROMIUM.endTest();
    }

    /** Goes to the chosen radio button of a set, and on with the arrow until another one is chosen. */
    private static void choose(Visitor visitor, String set, String value) {
        reach(visitor, visitor.page().locator("input[name=" + set + "]:checked"));
        Locator wanted = visitor.page().locator("input[name=" + set + "][value=" + value + "]");
        for (int step = 0; step < 5 && !wanted.isChecked(); step++) {
            visitor.page().keyboard().press("ArrowDown");
        }
        assertThat(wanted.isChecked()).isTrue();
    }

    private static void press(Visitor visitor, Locator target) {
        reach(visitor, target);
        visitor.page().keyboard().press("Enter");
    }

    /** Types into the search field of the open dialog, which says how many it found, and ticks the first of them. */
    private static void find(Visitor visitor, String text, String count) {
        Locator dialog = visitor.page().locator("dialog[open]");
        reach(visitor, dialog.locator("input[type=search]"));
        visitor.page().keyboard().press("Control+a");
        visitor.page().keyboard().type(text);
        assertThat(dialog.locator("[role=status]")).hasText(count);
        Locator box = dialog.locator("[data-found] li")
                .filter(new Locator.FilterOptions().setHasText(text))
                .locator("input");
        if (!count.equals(Words.of("find.groups-count", 0))) {
            assertThat(box).hasCount(1);
            tick(visitor, box);
        }
    }

    private static Locator taking(Visitor visitor) {
        return visitor.page().locator("dialog[open] [data-take]");
    }

    private static void hasFocus(Locator target) {
        assertThat(target).isFocused();
    }
}
