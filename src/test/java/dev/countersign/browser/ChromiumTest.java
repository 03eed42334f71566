package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.support.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the browser tests would notice: silence of their instruments means something. */
@Tag("browser")
class ChromiumTest {
    private static final TestServer SERVER = TestServer.start();
    private static final Chromium CHROMIUM = Chromium.on(SERVER);

    @AfterAll
    static void stop() {
        CHROMIUM.close();
        SERVER.close();
    }

    @Test
    void breach_of_the_content_policy_fails_the_test() {
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        visitor.page()
                .evaluate("document.head.append(Object.assign(document.createElement('style'), "
                        + "{textContent: 'h1 { color: red }'}))");

        assertThatThrownBy(CHROMIUM::endTest).hasMessageContaining("Content Security Policy");
    }

    @Test
    void error_in_a_script_and_a_missing_file_fail_the_test() {
        Visitor visitor = CHROMIUM.visitor().open("/sign-in");
        visitor.page().evaluate("setTimeout(() => { throw new Error('a slip of ours'); })");
        visitor.page().evaluate("fetch('/css/missing.css').then(answer => answer.status)");

        assertThatThrownBy(CHROMIUM::endTest)
                .hasMessageContaining("a slip of ours")
                .hasMessageContaining("/css/missing.css answered 404");
    }

    @Test
    void page_that_is_hard_to_read_or_too_wide_is_found() {
        Gallery gallery = new Gallery();
        Visitor visitor = CHROMIUM.visitor().open("about:blank");
        visitor.page()
                .setContent("<html lang=en><title>Page</title><main><h1 style='width: 700px; color: #bbb;"
                        + " background: white'>Pale and wide</h1></main></html>");

        gallery.look(visitor, "instrument");

        assertThatThrownBy(gallery::hasNoFindings)
                .hasMessageContaining("instrument-light: color-contrast")
                .hasMessageContaining("instrument-dark: color-contrast")
                .hasMessageContaining("instrument-phone: wider than the screen");
        CHROMIUM.endTest();
    }

    @Test
    void missing_program_names_its_package() {
        assertThatThrownBy(() -> DebianTool.run("not-packaged", "", "not-a-program", java.util.List.of()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("apt install not-packaged");
        assertThat(DebianTool.code("JBSWY3DPEHPK3PXP", java.time.Instant.parse("2026-03-02T08:00:00Z")))
                .isEqualTo("555434");
    }
}
