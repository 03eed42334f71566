package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.SelectOption;
import dev.countersign.directory.Group;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What administrators do in the console. */
@Tag("browser")
class ConsoleInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @BeforeEach
    void nobody_must() {
        SERVER.policy(Rules.Mode.OFF);
    }

    @AfterEach
    void pages_had_no_complaints() {
        CHROMIUM.endTest();
    }

    private static String codeOf(String secret) {
        return DebianTool.code(secret, SERVER.clock().instant());
    }

    /** The administrator in the console, which asks for the code even while nobody else is asked. */
    private static Visitor inConsole(Enrolled administrator, String path) {
        String username = administrator.account().username();
        Visitor visitor =
                CHROMIUM.visitor().signIn(username).isOnAccountOf(username).open(path);
        return visitor.isOn("/sign-in/code").enterCode(administrator.app().code());
    }

    private static Visitor choose(Visitor visitor, String field, String value) {
        visitor.page()
                .locator("input[name=" + field + "][value='" + value + "']")
                .check();
        return visitor;
    }

    @Test
    void administrator_without_an_app_registers_one_on_the_way_into_the_console() {
        SERVER.person("ada", Role.ADMINISTRATOR);
        Visitor visitor = CHROMIUM.visitor().signIn("ada").isOnAccountOf("ada");

        visitor.open("/console").isOn("/sign-in/enrol");
        assertThat(visitor.page().locator("main").innerText()).contains(Words.of("enrol.why.console"));
        assertThat(visitor.button(Words.of("enrol.phone-instead")).isVisible()).isTrue();
        visitor.type("code", codeOf(visitor.secret())).press("enrol.submit").keepRecoveryCode();

        visitor.isOn("/console");
        assertThat(visitor.heading()).isEqualTo(Words.of("home.heading"));
    }

    @Test
    void e1_status_bar_is_toggled_after_it_said_who_is_affected() {
        Enrolled olga = SERVER.enrolled("olga", Role.SECURITY_ADMINISTRATOR);
        Visitor visitor = inConsole(olga, "/console");
        assertThat(visitor.page().locator(".status-bar").innerText()).contains(Words.of("security.status-off"));

        long everybody = SERVER.count("SELECT count(*) FROM account WHERE disabled_at IS NULL");
        visitor.press("home.turn-on");
        assertThat(visitor.page().locator("main").innerText()).contains(Words.of("coverage.everyone", everybody));
        visitor.type("reason", "Decided by the board").press("security-confirm.submit");
        visitor.open("/console");
        assertThat(visitor.page().locator(".status-bar.status-good").innerText())
                .contains(Words.of("security.status-on"), Words.of("home.licence-unlimited"));

        visitor.press("home.turn-off");
        assertThat(visitor.page().locator("main").innerText())
                .contains(Words.of("security-confirm.no-longer", everybody));
        visitor.press("security-confirm.submit").open("/console/security/history");
        assertThat(visitor.page().locator("main").innerText()).contains("Decided by the board");
        assertThat(visitor.page().locator(".versions li").count()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void g5_a_group_gets_a_rule_of_approval_of_its_own_that_is_changed_and_taken_back() {
        Enrolled rita = SERVER.enrolled("rita.rules", Role.ADMINISTRATOR);
        SERVER.group("Field service");
        Visitor visitor = inConsole(rita, "/console/security/approval");
        Page page = visitor.page();
        page.locator("#new-group").selectOption(new SelectOption().setLabel("Field service"));
        page.locator("#new-mode").selectOption("always");
        visitor.press("security-approval.review");
        assertThat(page.locator(".after").innerText())
                .contains("Field service", Words.of("security-approval.is-always"));
        visitor.press("security-confirm.submit");
        assertThat(page.locator("section[aria-labelledby=approval]").innerText())
                .contains("Field service");

        visitor.open("/console/security/approval");
        page.locator("#g0-mode").selectOption("random");
        page.locator("#g0-share").fill("30");
        visitor.press("security-approval.review").press("security-confirm.submit");
        assertThat(page.locator("section[aria-labelledby=approval]").innerText())
                .contains(Words.of("security-approval.is-random", 30, 168));

        visitor.open("/console/security/approval");
        page.locator("#g0-mode").selectOption("");
        visitor.press("security-approval.review").press("security-confirm.submit");
        assertThat(page.locator("section[aria-labelledby=approval]").innerText())
                .doesNotContain("Field service");
    }

    @Test
    void b3_readiness_report_leads_to_reminders_and_files() {
        Enrolled pia = SERVER.enrolled("pia", Role.ADMINISTRATOR);
        SERVER.person("not-ready");
        Visitor visitor = inConsole(pia, "/console/readiness");
        visitor.page().locator(".number-warn a").click();
        assertThat(visitor.page().locator("tbody").innerText())
                .contains("not-ready")
                .doesNotContain("pia");
        assertThat(visitor.page()
                        .request()
                        .get(SERVER.url() + "/console/readiness.csv?scope=EVERYONE&verdict=asked-to-enrol")
                        .text())
                .contains("\"not-ready\"")
                .doesNotContain("\"pia\"");
        visitor.press("readiness.remind");
        assertThat(visitor.page().url()).contains("/console/jobs/");
    }

    @Test
    void auditors_see_and_help_desk_does_not_what_settings_say() {
        Enrolled auditor = SERVER.enrolled("looks", Role.AUDITOR);
        Visitor looking = inConsole(auditor, "/console");
        assertThat(looking.page().locator(".status-bar button").count()).isZero();
        assertThat(looking.open("/console/security")
                        .page()
                        .locator("main a[href='/console/security/edit']")
                        .count())
                .isZero();
        Enrolled desk = SERVER.enrolled("helps", Role.HELP_DESK);
        inConsole(desk, "/console").isOn("/console/people");
    }

    @Test
    void requirement_names_who_is_affected_before_it_is_made() {
        Enrolled ben = SERVER.enrolled("ben", Role.ADMINISTRATOR);
        SERVER.person("member-one");
        Group field = SERVER.group(
                "Field",
                SERVER.person("field-one"),
                SERVER.enrolled("field-two").account());
        Visitor visitor = inConsole(ben, "/console/security").follow("security.edit");

        choose(visitor, "mode", "REQUIRED");
        choose(visitor, "scope", "SELECTED").press("security-edit.submit");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.groups-empty"));
        choose(visitor, "groups", field.id().value()).press("security-edit.submit");

        assertThat(visitor.page().locator("main").innerText())
                .contains(Words.of("coverage.selected", 2, "Field", 1, 0));
        assertThat(numbers(visitor)).containsExactly("2", "1", "1");
        visitor.press("security-confirm.submit").isOn("/console/security");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.saved"));
        assertThat(visitor.page().locator(".status-bar").innerText())
                .contains(Words.of("security.status-on"), Words.of("coverage.selected", 2, "Field", 1, 0));
        CHROMIUM.visitor().signIn("field-one").isOn("/sign-in/enrol");
        CHROMIUM.visitor().signIn("member-one").isOnAccountOf("member-one");

        choose(visitor.follow("security.edit"), "scope", "EVERYONE").press("security-edit.submit");
        long everybody = SERVER.count("SELECT count(*) FROM account");
        assertThat(visitor.page().locator("main").innerText()).contains(Words.of("coverage.everyone", everybody));
        visitor.press("security-confirm.submit");
        CHROMIUM.visitor().signIn("member-one").isOn("/sign-in/enrol");
    }

    private static java.util.List<String> numbers(Visitor visitor) {
        return visitor.page().locator(".numbers dd").allInnerTexts();
    }

    @Test
    void unknown_user_name_is_named_and_nothing_typed_is_lost() {
        Enrolled carla = SERVER.enrolled("carla", Role.ADMINISTRATOR);
        Visitor visitor = inConsole(carla, "/console/security/edit");

        choose(visitor, "mode", "REQUIRED");
        choose(visitor, "scope", "SELECTED").type("people", "carla\nkarla").press("security-edit.submit");

        assertThat(visitor.problem()).isEqualTo(Words.of("problem.person-unknown", "karla"));
        assertThat(visitor.field("people").inputValue()).isEqualTo("carla\nkarla");
    }

    @Test
    void sign_in_style_is_chosen_in_the_console() {
        Enrolled dirk = SERVER.enrolled("dirk", Role.ADMINISTRATOR);
        Visitor visitor = inConsole(dirk, "/console/security/edit");

        choose(visitor, "style", "ONE_PAGE").press("security-edit.submit").press("security-confirm.submit");

        assertThat(CHROMIUM.visitor().open("/sign-in").field("code").count()).isEqualTo(1);
        choose(visitor.follow("security.edit"), "style", "TWO_SCREENS").press("security-edit.submit");
        visitor.press("security-confirm.submit");
        assertThat(CHROMIUM.visitor().open("/sign-in").field("code").count()).isZero();
    }

    @Test
    void user_has_no_console() {
        SERVER.person("eva");
        Visitor visitor = CHROMIUM.visitor().signIn("eva").isOnAccountOf("eva");

        assertThat(visitor.page().navigate("/console").status()).isEqualTo(403);

        assertThat(visitor.heading()).isEqualTo(Words.of("error.403.title"));
    }

    @Test
    void reset_person_gets_a_new_picture_and_the_old_app_is_dead() {
        Enrolled fritz = SERVER.enrolled("fritz", Role.ADMINISTRATOR);
        Enrolled greta = SERVER.enrolled("greta");
        SERVER.person("without-app");
        Visitor visitor = inConsole(fritz, "/console/people");
        SERVER.policy(Rules.Mode.REQUIRED);
        Visitor affected =
                CHROMIUM.visitor().signIn("greta", greta.app().code()).isOnAccountOf("greta");
        visitor.reload();
        assertThat(method(visitor, "Person greta")).isEqualTo(Words.of("people.method-two"));
        assertThat(method(visitor, "Person without-app")).isEqualTo(Words.of("people.method-one"));

        visitor.press("people.continue");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.nothing-selected"));
        row(visitor, "Person greta").getByRole(AriaRole.CHECKBOX).check();
        visitor.press("people.continue");
        assertThat(visitor.page().locator("main").innerText())
                .contains("Person greta")
                .doesNotContain("without-app");
        visitor.press("bulk.reset");
        assertThat(visitor.notice()).isEqualTo(Words.of("notice.bulk-done", Words.of("bulk.reset")));
        visitor.open("/console/people");
        assertThat(method(visitor, "Person greta")).isEqualTo(Words.of("people.method-one"));

        affected.open("/account").isOn("/sign-in");
        SERVER.clock().advance(Duration.ofMinutes(1));
        affected.signIn("greta").isOn("/sign-in/enrol");
        String secret = affected.secret();
        affected.type("code", greta.app().code()).press("enrol.submit");
        assertThat(affected.problem()).isEqualTo(Words.of("problem.code-older"));
        affected.type("code", codeOf(secret)).press("enrol.submit").keepRecoveryCode();
        affected.isOnAccountOf("greta");
        SERVER.clock().advance(Duration.ofMinutes(1));
        Visitor later = CHROMIUM.visitor().signIn("greta");
        later.enterCode(greta.app().code()).isToldThatLoginFailed();
        later.enterCode(codeOf(secret)).isOnAccountOf("greta");
    }

    @Test
    void search_finds_while_typing_and_keeps_who_is_ticked() {
        Enrolled ilse = SERVER.enrolled("ilse", Role.ADMINISTRATOR);
        SERVER.person("quentin");
        SERVER.person("quirin");
        Visitor visitor = inConsole(ilse, "/console/people");

        visitor.type("q", "quentin");
        Locator rows = visitor.page().locator("tbody tr");
        com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat(rows)
                .hasCount(1);
        row(visitor, "Person quentin").getByRole(AriaRole.CHECKBOX).check();
        visitor.type("q", "quirin");
        com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat(rows)
                .hasCount(2);
        row(visitor, "Person quirin").getByRole(AriaRole.CHECKBOX).check();
        visitor.press("people.continue");

        assertThat(visitor.heading()).isEqualTo(Words.of("bulk.reset"));
        assertThat(visitor.page().locator(".lead").innerText()).isEqualTo(Words.of("job.for", 2));
        assertThat(visitor.page().locator("main").innerText()).contains("Person quentin", "Person quirin");
    }

    private static Locator row(Visitor visitor, String name) {
        return visitor.page()
                .getByRole(AriaRole.ROW)
                .filter(new Locator.FilterOptions()
                        .setHas(visitor.page().getByText(name, new Page.GetByTextOptions().setExact(true))));
    }

    /** What the symbol in the column Login method says. */
    private static String method(Visitor visitor, String name) {
        return row(visitor, name).getByRole(AriaRole.IMG).getAttribute("aria-label");
    }
}
