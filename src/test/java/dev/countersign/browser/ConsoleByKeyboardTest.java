package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import dev.countersign.directory.Account;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The daily work of the console without a mouse: Tab, Space, Enter and letters, in a real browser. */
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
        enter(visitor, visitor.link(Words.of("groups.add")).first());
        write(visitor, "q", "bert");
        enter(visitor, visitor.page().locator("button[name=do][value=search]"));
        tick(visitor, visitor.page().locator("#found input[name=id]").first());
        enter(visitor, visitor.page().locator("button[name=do][value=add]"));
        assertThat(SERVER.get(Groups.class).groupsOf(bert)).hasSize(1);
        CHROMIUM.endTest();
    }
}
