package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.countersign.directory.SignInStyle;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first sign-in after a requirement: the app, the recovery code, and what they are good for afterwards. */
@Tag("browser")
class RegistrationInBrowserTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @TempDir
    private Path pictures;

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
    }

    /** A code computed by another maker's program from the secret shown on the page. */
    private static String codeOf(String secret) {
        return DebianTool.code(secret, SERVER.clock().instant());
    }

    private static void nextCode() {
        SERVER.clock().advance(Duration.ofSeconds(60));
    }

    @Test
    void group_that_must_is_led_through_registration_and_others_sign_in_with_the_password_alone() {
        SERVER.requireFor(SERVER.group("Sales", SERVER.person("alma")));
        SERVER.person("bert");

        Visitor alma = CHROMIUM.visitor().signIn("alma").isOn("/sign-in/enrol");
        alma.type("code", codeOf(alma.secret())).press("enrol.submit").isOn("/sign-in/recovery-code");
        alma.keepRecoveryCode();
        alma.isOnAccountOf("alma");

        CHROMIUM.visitor().signIn("bert").isOnAccountOf("bert");
    }

    @Test
    void qr_code_on_the_screen_is_read_by_other_makers_programs() {
        SERVER.person("carl");
        Visitor visitor = CHROMIUM.visitor().signIn("carl");

        assertThat(visitor.secretInGroups()).matches("([A-Z2-7]{4}\\s){7}[A-Z2-7]{4}");
        String expected =
                "otpauth://totp/Northwind:carl?secret=" + visitor.secret() + "&issuer=Northwind&digits=6&period=30";
        assertThat(visitor.otpauthLink()).isEqualTo(expected);
        assertThat(decoded(visitor, ColorScheme.LIGHT)).isEqualTo(expected);
        assertThat(decoded(visitor, ColorScheme.DARK)).isEqualTo(expected);
        assertThat(DebianTool.decode(downloaded(visitor, "enrol.download-picture")))
                .isEqualTo(expected);

        visitor.type("code", codeOf(visitor.secret())).press("enrol.submit").isOn("/sign-in/recovery-code");
    }

    private Path decodedPicture(Visitor visitor, ColorScheme scheme) {
        Path picture = pictures.resolve(scheme + ".png");
        visitor.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        visitor.page().screenshot(new Page.ScreenshotOptions().setPath(picture).setFullPage(true));
        return picture;
    }

    private String decoded(Visitor visitor, ColorScheme scheme) {
        return DebianTool.decode(decodedPicture(visitor, scheme));
    }

    private static Path downloaded(Visitor visitor, String link) {
        Download download = visitor.page()
                .waitForDownload(() -> visitor.link(Words.of(link)).click());
        return download.path();
    }

    @Test
    void wrong_code_of_the_new_app_keeps_the_same_picture_and_says_what_to_do() {
        SERVER.person("dora");
        Visitor visitor = CHROMIUM.visitor().signIn("dora");
        String secret = visitor.secret();

        visitor.type("code", TestAuthenticator.ofText(secret, SERVER.clock()).wrongCode())
                .press("enrol.submit");

        assertThat(visitor.isOn("/sign-in/enrol").problem()).isEqualTo(Words.of("problem.code-wrong-enrol"));
        assertThat(visitor.secret()).isEqualTo(secret);
    }

    @Test
    void picture_is_gone_for_good_once_it_was_confirmed() {
        SERVER.person("egon");
        Visitor visitor = CHROMIUM.visitor().signIn("egon");
        String secret = visitor.secret();
        assertThat(visitor.reload().secret()).as("reloading shows the same").isEqualTo(secret);
        assertThat(visitor.back().forward().secret()).isEqualTo(secret);
        assertThat(statusOf(visitor, "/sign-in/enrol/qr.png")).isEqualTo(200);

        visitor.type("code", codeOf(secret)).press("enrol.submit").isOn("/sign-in/recovery-code");

        showsNoSecret(visitor.back(), secret);
        showsNoSecret(visitor.open("/sign-in/enrol"), secret);
        visitor.isOn("/sign-in/recovery-code");
        assertThat(statusOf(visitor, "/sign-in/enrol/qr.png")).isEqualTo(404);

        String code = visitor.open("/sign-in/recovery-code").recoveryCodeInGroups();
        assertThat(visitor.reload().recoveryCodeInGroups()).isEqualTo(code);
        visitor.keepRecoveryCode();
        visitor.isOnAccountOf("egon");

        showsNoSecret(visitor.back(), secret);
        showsNoSecret(visitor.open("/sign-in/enrol"), secret);
        assertThat(visitor.open("/sign-in/recovery-code").page().content()).doesNotContain(code.substring(0, 4));
        assertThat(statusOf(visitor, "/sign-in/recovery-code.txt")).isEqualTo(404);

        nextCode();
        Visitor later = CHROMIUM.visitor().signIn("egon").isOn("/sign-in/code");
        showsNoSecret(later.open("/sign-in/enrol"), secret);
        later.isOn("/sign-in/code").enterCode(codeOf(secret)).isOnAccountOf("egon");
    }

    /** What the address answers to this visitor's browser when something other than a page is expected there. */
    private static int statusOf(Visitor visitor, String path) {
        return visitor.page().request().get(path).status();
    }

    private static void showsNoSecret(Visitor visitor, String secret) {
        String content = visitor.page().content().replace(" ", "");
        assertThat(content).doesNotContain(secret).doesNotContain("otpauth:");
        assertThat(visitor.page().locator(".qr-paper").count()).isZero();
    }

    @Test
    void recovery_code_must_be_confirmed_from_the_copy_and_can_be_downloaded() throws IOException {
        SERVER.person("fine");
        Visitor visitor = CHROMIUM.visitor().signIn("fine");
        visitor.type("code", codeOf(visitor.secret())).press("enrol.submit");
        String code = visitor.recoveryCodeInGroups();
        assertThat(code).matches("([A-Z2-9]{4} ){5}[A-Z2-9]{4}");

        assertThat(Files.readString(downloaded(visitor, "recovery-code.download")))
                .contains(code)
                .contains("Northwind")
                .contains("fine");
        String wrong = code.endsWith("2222") ? "3333" : "2222";
        visitor.type("lastGroup", wrong).press("recovery-code.submit").isOn("/sign-in/recovery-code");
        assertThat(visitor.problem()).isEqualTo(Words.of("problem.last-group-wrong"));
        assertThat(visitor.recoveryCodeInGroups()).isEqualTo(code);
        assertThat(visitor.open("/account").path())
                .as("not signed in without it")
                .isEqualTo("/sign-in");

        visitor.open("/sign-in/recovery-code").keepRecoveryCode();
        visitor.isOnAccountOf("fine");
    }

    @Test
    void recovery_code_replaces_the_app_once_and_then_app_and_code_are_new() {
        TestServer.Enrolled gina = SERVER.enrolled("gina");
        Visitor visitor = CHROMIUM.visitor().signIn("gina").follow("code.no-phone");

        visitor.type("code", gina.recoveryCode()).press("recovery.submit").isOn("/sign-in/recovery-code");
        String newCode = visitor.keepRecoveryCode();
        String secret = visitor.isOn("/sign-in/enrol").secret();
        visitor.type("code", codeOf(secret)).press("enrol.submit");
        visitor.isOnAccountOf("gina");
        assertThat(newCode.replace(" ", "")).isNotEqualTo(gina.recoveryCode());

        nextCode();
        Visitor later = CHROMIUM.visitor().signIn("gina");
        later.enterCode(gina.app().code()).isToldThatLoginFailed();
        later.follow("code.no-phone").type("code", gina.recoveryCode()).press("recovery.submit");
        later.isOn("/sign-in/recovery").isToldThatLoginFailed();
        later.follow("recovery.back").enterCode(codeOf(secret)).isOnAccountOf("gina");

        nextCode();
        Visitor last = CHROMIUM.visitor().signIn("gina").follow("code.no-phone");
        last.type("code", newCode).press("recovery.submit").isOn("/sign-in/recovery-code");
    }

    @Test
    void everything_works_without_javascript() {
        SERVER.person("hugo");
        Visitor visitor = CHROMIUM.visitorWithoutJavaScript().signIn("hugo");
        String secret = visitor.secret();

        visitor.type("code", codeOf(secret)).press("enrol.submit").isOn("/sign-in/recovery-code");
        visitor.keepRecoveryCode();
        visitor.isOnAccountOf("hugo").press("layout.sign-out").isOn("/sign-in");

        nextCode();
        visitor.signIn("hugo").enterCode("000 000").isToldThatLoginFailed();
        visitor.enterCode(codeOf(secret)).isOnAccountOf("hugo");
    }
}
