package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two browsers: somebody signs in with one, and the companion is in the other. */
@Tag("browser")
class CompanionInBrowserTest {
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
        // Whoever was reported in the test before slowed this address down.
        SERVER.clock().advance(Duration.ofDays(1));
        SERVER.policy(Rules.Mode.REQUIRED);
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
        gallery.hasNoFindings();
    }

    private static void shows(Visitor visitor, String key) {
        PlaywrightAssertions.assertThat(visitor.page().locator("h1")).hasText(Words.of(key));
    }

    /** Somebody who has just been asked to add a phone. */
    private static Visitor adding(String username) {
        SERVER.person(username);
        Visitor computer = CHROMIUM.visitor().signIn(username);
        return computer.isOn("/sign-in/enrol").press("enrol.phone-instead").isOn("/sign-in/enrol/phone");
    }

    /** Both show the same words, and the person says so. */
    private void compare(Visitor computer, Visitor phone) {
        Locator words = phone.page().locator(".words li");
        words.first().waitFor();
        Locator same = computer.page().locator(".pair-words li");
        same.first().waitFor();
        assertThat(words.allInnerTexts()).hasSize(4).isEqualTo(same.allInnerTexts());
        computer.press("pair.same");
        shows(phone, "companion.paired.heading");
        if (computer.path().equals("/sign-in/recovery-code")) {
            computer.keepRecoveryCode();
        }
    }

    private Visitor paired(String username) {
        Visitor computer = adding(username);
        Visitor phone = CHROMIUM.phone("en-GB")
                .open(computer.page().locator("a[href*='#pair=']").getAttribute("href"));
        phone.button(Words.of("companion.pair.do")).click();
        compare(computer, phone);
        phone.button(Words.of("companion.later")).click();
        shows(phone, "companion.calm.heading");
        SERVER.clock().advance(Duration.ofMinutes(1));
        return phone;
    }

    private static String digitsOn(Visitor computer) {
        return computer.isOn("/sign-in/approval")
                .page()
                .locator(".approval-digits output")
                .innerText()
                .strip();
    }

    private static void press(Visitor phone, String digits) {
        shows(phone, "companion.request.heading");
        for (char digit : digits.toCharArray()) {
            phone.button(String.valueOf(digit)).click();
        }
        phone.button(Words.of("companion.ok")).click();
    }

    private static String otherThan(String digits) {
        return digits.startsWith("1") ? "2" + digits.substring(1) : "1" + digits.substring(1);
    }

    @Test
    void link_or_typed_code_adds_a_phone_after_the_words_were_compared() {
        Visitor computer = adding("anna");
        Visitor phone = CHROMIUM.phone("en-GB").open("/companion/");
        shows(phone, "companion.pair.heading");
        phone.type("code", "AAAAA AAAAA").button(Words.of("companion.pair.do")).click();
        PlaywrightAssertions.assertThat(phone.page().locator(".message"))
                .containsText(Words.of("companion.pair.not-found"));
        phone.type("code", computer.page().locator(".key-text").innerText().toLowerCase(Locale.ROOT))
                .type("name", "Anna’s phone")
                .button(Words.of("companion.pair.do"))
                .click();
        phone.page().locator(".words li").first().waitFor();
        gallery.look(phone, "companion-words");

        compare(computer, phone);
        gallery.look(phone, "companion-paired");
    }

    @Test
    void number_typed_on_the_phone_lets_the_browser_in() {
        Visitor phone = paired("bob");
        gallery.look(phone, "companion-calm");
        Visitor computer = CHROMIUM.visitor().signIn("bob");
        String digits = digitsOn(computer);
        shows(phone, "companion.request.heading");
        gallery.look(phone, "companion-request");
        String told = phone.page().locator(".knock").innerText();
        assertThat(told).contains("127.0.0.1");
        assertThat(told.replace("127.0.0.1", "").replaceAll("\\d\\d:\\d\\d", ""))
                .doesNotContain(digits);

        press(phone, otherThan(digits));
        PlaywrightAssertions.assertThat(phone.page().locator(".digits-problem"))
                .hasText(Words.of("companion.request.wrong", 2));
        press(phone, digits);

        shows(phone, "companion.outcome.approved-heading");
        computer.page().waitForURL("**/account**");
        gallery.look(phone, "companion-approved");
        phone.button(Words.of("companion.done")).click();
        phone.open("/companion/#/history");
        PlaywrightAssertions.assertThat(phone.page().locator(".past").first())
                .containsText(Words.of("companion.history.approved"));
        gallery.look(phone, "companion-history");

        isKept(phone);
        phone.page().context().setOffline(true);
        phone.reload();
        PlaywrightAssertions.assertThat(phone.page().locator("#offline")).hasText(Words.of("companion.offline"));
        PlaywrightAssertions.assertThat(phone.page().locator(".past").first())
                .containsText(Words.of("companion.history.approved"));
    }

    /** Waits until the service worker answers for this page, so that it needs no network. */
    private static void isKept(Visitor phone) {
        phone.page()
                .waitForCondition(() -> (boolean) phone.page().evaluate("navigator.serviceWorker.controller !== null"));
    }

    @Test
    void where_a_press_suffices_there_is_no_number() {
        Visitor phone = paired("kim");
        confirmation("TAP");
        try {
            Visitor computer = CHROMIUM.visitor().signIn("kim").isOn("/sign-in/approval");
            assertThat(computer.page().locator(".approval-digits").count()).isZero();
            gallery.look(computer, "approval-tap");
            shows(phone, "companion.request.heading");
            assertThat(phone.page().locator("#digits").count()).isZero();
            gallery.look(phone, "companion-tap");
            phone.button(Words.of("companion.ok")).click();
            shows(phone, "companion.outcome.approved-heading");
            computer.page().waitForURL("**/account**");
        } finally {
            confirmation("NUMBER");
        }
    }

    private static void confirmation(String how) {
        Database database = SERVER.get(Database.class);
        database.write(() -> database.sql()
                .sql("UPDATE environment SET approval_confirmation = ?")
                .param(how)
                .update());
    }

    @Test
    void browser_without_streams_of_events_looks_again_by_itself() {
        PairedPerson person = PairedPerson.of(SERVER, "jana");
        Visitor computer = CHROMIUM.visitor();
        computer.page().addInitScript("delete window.EventSource");
        computer.signIn("jana");

        FakePhone phone = person.phone();
        assertThat(phone.decide(phone.request(), "approve", digitsOn(computer)).status())
                .isEqualTo(200);

        computer.page().waitForURL("**/account**");
    }

    @Test
    void browser_that_slept_looks_again_when_it_wakes() {
        PairedPerson person = PairedPerson.of(SERVER, "kurt");
        Visitor computer = CHROMIUM.visitor();
        computer.page().clock().install();
        // The stream of a sleeping computer says nothing and does not break.
        computer.page().addInitScript("window.EventSource = class { addEventListener() {} close() {} }");
        computer.signIn("kurt");
        FakePhone phone = person.phone();
        assertThat(phone.decide(phone.request(), "approve", digitsOn(computer)).status())
                .isEqualTo(200);

        computer.page().clock().fastForward(Duration.ofSeconds(30).toMillis());

        computer.page().waitForURL("**/account**");
    }

    @Test
    void three_wrong_numbers_end_the_request() {
        Visitor phone = paired("cleo");
        Visitor computer = CHROMIUM.visitor().signIn("cleo");
        String wrong = otherThan(digitsOn(computer));
        press(phone, wrong);
        PlaywrightAssertions.assertThat(phone.page().locator(".digits-problem"))
                .hasText(Words.of("companion.request.wrong", 2));
        press(phone, wrong);
        PlaywrightAssertions.assertThat(phone.page().locator(".digits-problem"))
                .hasText(Words.of("companion.request.wrong-last"));
        press(phone, wrong);

        shows(phone, "companion.outcome.wrong-heading");
        computer.page().waitForSelector("main.approval-expired");
        assertThat(computer.open("/account").path()).isNotEqualTo("/account");
    }

    @Test
    void not_now_ends_the_sign_in_and_the_next_asks_six_digits() {
        Visitor phone = paired("dora");
        CHROMIUM.visitor().signIn("dora");
        shows(phone, "companion.request.heading");
        phone.button(Words.of("companion.cancel")).click();
        gallery.look(phone, "companion-cancel");
        phone.page().locator(".choice").first().click();
        shows(phone, "companion.outcome.refused-heading");
        phone.button(Words.of("companion.done")).click();
        SERVER.clock().advance(Duration.ofMinutes(10));

        String digits = digitsOn(CHROMIUM.visitor().signIn("dora"));

        assertThat(digits).hasSize(6);
        press(phone, digits);
        shows(phone, "companion.outcome.approved-heading");
    }

    @Test
    void it_was_not_me_leads_to_a_new_password_without_the_old_one() {
        Visitor phone = paired("emil");
        Visitor thief = CHROMIUM.visitor().signIn("emil");
        shows(phone, "companion.request.heading");
        phone.button(Words.of("companion.cancel")).click();
        phone.page().locator(".choice-bad").click();
        shows(phone, "companion.outcome.reported-heading");
        gallery.look(phone, "companion-reported");
        phone.button(Words.of("companion.outcome.to-password")).click();
        shows(phone, "companion.password.forced-heading");
        gallery.look(phone, "companion-new-password");
        phone.type("password", "short")
                .button(Words.of("companion.password.save"))
                .click();
        PlaywrightAssertions.assertThat(phone.page().locator(".message"))
                .containsText(Words.of("companion.password.too-short"));
        phone.type("password", "a password nobody else knows")
                .button(Words.of("companion.password.save"))
                .click();
        shows(phone, "companion.password.done-heading");

        assertThat(thief.newTab().open("/account").path()).isNotEqualTo("/account");
        thief.newTab().signIn("emil").isToldThatLoginFailed();
    }

    @Test
    void too_late_is_said_and_does_nothing() {
        Visitor phone = paired("fay");
        Visitor computer = CHROMIUM.visitor().signIn("fay");
        shows(phone, "companion.request.heading");

        SERVER.clock().advance(Duration.ofSeconds(61));

        shows(phone, "companion.outcome.expired-heading");
        gallery.look(phone, "companion-expired");
        assertThat(computer.newTab().open("/account").path()).isNotEqualTo("/account");
    }

    @Test
    void code_without_a_network_signs_in() {
        Visitor phone = paired("gus");
        // The test has moved the server's clock: the phone hears of it with the next answer but one at the latest.
        phone.page().waitForResponse("**/requests", () -> {});
        phone.page().waitForResponse("**/requests", () -> {});
        isKept(phone);
        phone.page().context().setOffline(true);
        phone.open("/companion/#/codes").reload();
        PlaywrightAssertions.assertThat(phone.page().locator("#offline")).hasText(Words.of("companion.offline"));
        Locator shown = phone.page().locator(".big-code");
        PlaywrightAssertions.assertThat(shown).not().isEmpty();
        String code = shown.innerText().replaceAll("\\s", "");

        Visitor computer = CHROMIUM.visitor().signIn("gus");
        computer.follow("approval.code-instead").enterCode(code);

        computer.isOnAccountOf("gus");
        gallery.look(phone, "companion-codes");
    }

    @Test
    void phone_is_renamed_and_removed_and_keeps_nothing() {
        Visitor phone = paired("hana");
        phone.open("/companion/#/me");
        gallery.look(phone, "companion-me");
        phone.page().locator(".row[href*='phone/']").click();
        phone.type("name", "Hana’s new phone")
                .button(Words.of("companion.phone.rename"))
                .click();
        PlaywrightAssertions.assertThat(phone.page().locator("main")).containsText("Hana’s new phone");
        phone.page().locator(".row[href*='phone/']").click();
        phone.button(Words.of("companion.phone.remove-this")).click();
        phone.button(Words.of("companion.phone.remove")).click();
        PlaywrightAssertions.assertThat(phone.page().locator(".message"))
                .containsText(Words.of("companion.phone.needed"));

        SERVER.policy(Rules.Mode.OPTIONAL);
        phone.button(Words.of("companion.phone.remove-this")).click();
        phone.button(Words.of("companion.phone.remove")).click();
        shows(phone, "companion.pair.heading");
        assertThat((List<?>) phone.ask(KEPT)).isEmpty();
    }

    /** Everything in the storage of the page that is not a file everybody gets: names, and whether keys can be taken out. */
    private static final String KEPT = """
            (async () => {
              const database = await new Promise((resolve) => {
                const request = indexedDB.open('countersign');
                request.onsuccess = () => resolve(request.result);
              });
              const table = database.transaction('kept').objectStore('kept');
              const all = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
              const [names, values] = [await all(table.getAllKeys()), await all(table.getAll())];
              database.close();
              const found = [];
              const walk = (path, value) => {
                if (value instanceof CryptoKey) { found.push(`${path}: key ${value.extractable ? 'out' : 'in'}`); return; }
                if (value && typeof value === 'object') { Object.entries(value).forEach(([name, each]) => walk(`${path}.${name}`, each)); return; }
                found.push(`${path}: ${typeof value}`);
              };
              names.forEach((name, index) => walk(name, values[index]));
              return [...found, ...Object.keys(localStorage), ...Object.keys(sessionStorage)];
            })()""";

    @Test
    void ac_131_no_secret_and_no_token_is_stored_and_no_key_can_be_taken_out() {
        Visitor phone = paired("ines");

        List<String> kept =
                ((List<?>) phone.ask(KEPT)).stream().map(String::valueOf).toList();

        assertThat(kept)
                .contains("key.privateKey: key in", "codes.key: key in")
                .noneMatch(each -> each.endsWith("key out"));
        assertThat(kept).noneMatch(each -> each.matches("(?i).*(secret|token|password(?!Blocked)|seed).*"));
        Object cached = phone.ask("""
                (async () => (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys())
                    .map((request) => new URL(request.url).pathname)))).flat())()""");
        assertThat(((List<?>) cached).stream().map(String::valueOf))
                .isNotEmpty()
                .noneMatch(path -> path.startsWith("/api/"));
    }
}
