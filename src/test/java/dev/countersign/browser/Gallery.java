package dev.countersign.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import com.microsoft.playwright.options.ScreenshotAnimations;
import com.microsoft.playwright.options.ScreenshotCaret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at a page as it stands: notes what axe-core calls serious or critical, light and dark, and what does not fit on a desktop
 * or a phone; keeps a picture of each with {@code -Dcountersign.pictures=true}.
 */
final class Gallery {
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final List<String> STANDARDS =
            List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");
    private static final List<String> CONTRAST = List.of("color-contrast");
    private static final List<String> GRAVE = List.of("serious", "critical");

    /** For eyes only, and each takes a quarter of a second. */
    private static final boolean PICTURES_TOO = Boolean.getBoolean("countersign.pictures");

    private final List<String> findings = new ArrayList<>();

    private record Size(String name, int width, int height) {}

    private static final Size DESKTOP = new Size("desktop", 1280, 800);
    private static final Size PHONE = new Size("phone", 390, 844);

    /** Looks at the page the visitor is on; the pictures are called {@code <name>-<theme>-<size>.png}. */
    Visitor look(Visitor visitor, String name) {
        Page page = visitor.page();
        // Of what axe-core looks at, only contrast differs between the themes, and nothing of what fits on a screen
        // does.
        show(page, ColorScheme.DARK);
        note(page, Map.of("type", "rule", "values", CONTRAST), name + "-dark");
        show(page, ColorScheme.LIGHT);
        note(page, Map.of("type", "tag", "values", STANDARDS), name + "-light");
        for (Size size : List.of(PHONE, DESKTOP)) {
            page.setViewportSize(size.width(), size.height());
            overflow(page)
                    .ifPresent(what -> findings.add(name + "-" + size.name() + ": wider than the screen: " + what));
        }
        if (PICTURES_TOO) {
            pictures(page, name);
        }
        return visitor;
    }

    private static void show(Page page, ColorScheme theme) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme).setReducedMotion(ReducedMotion.REDUCE));
    }

    private static void pictures(Page page, String name) {
        for (ColorScheme theme : List.of(ColorScheme.DARK, ColorScheme.LIGHT)) {
            show(page, theme);
            for (Size size : List.of(PHONE, DESKTOP)) {
                page.setViewportSize(size.width(), size.height());
                picture(page, name + "-" + theme.name().toLowerCase(Locale.ROOT) + "-" + size.name());
            }
        }
    }

    private static void picture(Page page, String view) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(view + ".png"))
                .setFullPage(true)
                .setCaret(ScreenshotCaret.INITIAL)
                .setAnimations(ScreenshotAnimations.ALLOW));
    }

    /** The first element that reaches beyond the right edge, if the page can be scrolled sideways. */
    private static Optional<String> overflow(Page page) {
        Object culprit = page.evaluate("""
                () => {
                  const width = document.documentElement.clientWidth;
                  if (document.documentElement.scrollWidth <= width) { return ''; }
                  // What scrolls by itself, or is cut off, widens nothing.
                  const clips = (element) => element !== document.body
                      && (getComputedStyle(element).overflowX !== 'visible' || clips(element.parentElement));
                  const wide = [...document.body.querySelectorAll('*')]
                      .filter((element) => element.getBoundingClientRect().right > width + 1)
                      .find((element) => !clips(element.parentElement));
                  const size = `${document.documentElement.scrollWidth} instead of ${width}: `;
                  return size + (wide ? wide.outerHTML.slice(0, 120) : 'the page');
                }""");
        return Optional.of(culprit.toString()).filter(text -> !text.isEmpty());
    }

    private void note(Page page, Map<String, Object> rules, String view) {
        if (Boolean.FALSE.equals(page.evaluate("() => 'axe' in window"))) {
            page.evaluate(AxeBuilder.getAxeScript());
        }
        // What axe-core would say of everything that is in order takes it longer than finding out.
        Object found = page.evaluate("""
                async ([rules, grave]) => {
                  const options = { runOnly: rules, resultTypes: ['violations'], iframes: false };
                  const { violations } = await axe.run(document, options);
                  return violations
                      .filter((rule) => grave.includes(rule.impact))
                      .flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target}: ${node.failureSummary}`));
                }""", List.of(rules, GRAVE));
        for (Object finding : (List<?>) found) {
            findings.add(view + ": " + finding);
        }
    }

    /** Everything that was found on the pages looked at since the last call. */
    void hasNoFindings() {
        List<String> found = List.copyOf(findings);
        findings.clear();
        assertThat(found).as("findings on the pages").isEmpty();
    }
}
