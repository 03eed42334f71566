package dev.countersign.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.BoundingBox;
import dev.countersign.support.TestServer;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** Somebody at one tab of a browser: reads what is on the page, types into its fields and presses its buttons. */
final class Visitor {
    /** Row C8 of the mission, word for word. */
    static final String LOGIN_FAILED =
            "Login failed. Please check your login details and try again. Otherwise contact your" + " administrator.";

    private final Page page;
    private final AtomicInteger loads = new AtomicInteger();

    Visitor(Page page) {
        this.page = page;
        page.onLoad(_ -> loads.incrementAndGet());
    }

    Page page() {
        return page;
    }

    /** A second tab of the same browser. */
    Visitor newTab() {
        return new Visitor(page.context().newPage());
    }

    Visitor open(String path) {
        page.navigate(path);
        return this;
    }

    /** What a promise of the page comes to: the browser itself would wait for it without an end. */
    Object ask(String promise) {
        return page.evaluate("() => Promise.race([(" + promise + "), new Promise((_, refuse) => {"
                + " setTimeout(() => refuse(new Error('nothing came within 30 seconds')), 30000); })])");
    }

    /** The path of the address, without what follows a question mark. */
    String path() {
        return URI.create(page.url()).getPath();
    }

    String heading() {
        return page.locator("h1").innerText();
    }

    Visitor type(String field, String text) {
        field(field).fill(text);
        return this;
    }

    Locator field(String name) {
        return page.locator("main [name='" + name + "']");
    }

    /** Presses the button with these words (a name of the message files) and waits for the page it leads to. */
    Visitor press(String key) {
        return loading(button(Words.of(key))::click);
    }

    Visitor follow(String key) {
        return loading(link(Words.of(key))::click);
    }

    Locator button(String words) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(words).setExact(true));
    }

    Locator link(String words) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(words).setExact(true));
    }

    /** Does something that loads a page, and waits until it is there. */
    Visitor loading(Runnable action) {
        int before = loads.get();
        action.run();
        page.waitForCondition(() -> loads.get() > before);
        return this;
    }

    Visitor reload() {
        page.reload();
        return this;
    }

    Visitor back() {
        page.goBack();
        return this;
    }

    Visitor forward() {
        page.goForward();
        return this;
    }

    /** The name of the field that has the keyboard. */
    String focusedField() {
        return page.locator(":focus").getAttribute("name");
    }

    /** Name and password on the first of two screens. */
    Visitor signIn(String username) {
        return open("/sign-in")
                .type("username", username)
                .type("password", TestServer.PASSWORD)
                .press("sign-in.submit");
    }

    Visitor enterCode(String code) {
        return type("code", code).press("code.submit");
    }

    Visitor signIn(String username, String code) {
        return signIn(username).enterCode(code);
    }

    /** The person is signed in and sees their own page. */
    Visitor isOnAccountOf(String username) {
        assertThat(page.locator("main")).containsText("Person " + username);
        assertThat(path()).isEqualTo("/account");
        return this;
    }

    Visitor isOn(String path) {
        assertThat(path()).as("the page shown").isEqualTo(path);
        return this;
    }

    String problem() {
        return page.locator("#problem").innerText().strip();
    }

    String notice() {
        return page.locator("[role=status].message").innerText().strip();
    }

    /** The one sentence for everything wrong, above the first field. */
    Visitor isToldThatLoginFailed() {
        assertThat(problem()).isEqualTo(LOGIN_FAILED);
        BoundingBox sentence = page.locator("#problem").boundingBox();
        BoundingBox field = page.locator("main input:visible").first().boundingBox();
        assertThat(sentence.y + sentence.height)
                .as("the message ends above the fields")
                .isLessThanOrEqualTo(field.y);
        return this;
    }

    /** The secret as the page shows it, in its groups. */
    String secretInGroups() {
        return page.locator(".key-text").innerText().strip();
    }

    String secret() {
        return secretInGroups().replaceAll("\\s", "");
    }

    String otpauthLink() {
        return page.locator("a[href^='otpauth:']").getAttribute("href");
    }

    String recoveryCodeInGroups() {
        return page.locator("#recovery-code").innerText().strip().replaceAll("\\s+", " ");
    }

    /** Writes the recovery code down, proves it, and goes on. */
    String keepRecoveryCode() {
        String groups = recoveryCodeInGroups();
        type("lastGroup", groups.substring(groups.length() - 4)).press("recovery-code.submit");
        return groups;
    }
}
