package dev.countersign.moving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.TestInstallation;
import dev.countersign.web.Languages;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.MessageSource;

/** Why a line is refused: the same to every program, and a sentence to every reader. */
class ReasonTest {
    private static final MessageSource MESSAGES = TestInstallation.sqlite().get(MessageSource.class);

    @ParameterizedTest
    @EnumSource(Reason.Code.class)
    void is_a_sentence_in_every_language_and_written_down_in_none(Reason.Code code) {
        Reason reason = Reason.of(code, "first", 2);
        for (Locale language : Languages.ALL) {
            String sentence =
                    MESSAGES.getMessage(reason.messageKey(), reason.arguments().toArray(), language);
            assertThat(sentence).isNotBlank().doesNotContain("import-why").doesNotContain("{");
        }
        assertThat(reason.english())
                .isEqualTo(MESSAGES.getMessage(
                        reason.messageKey(), reason.arguments().toArray(), Locale.ENGLISH));
        assertThat(Reason.read(reason.wireName(), reason.argumentsWritten(), "whatever stands there"))
                .isEqualTo(reason);
        assertThat(reason.wireName()).matches("[a-z0-9-]+");
    }

    @Test
    void sentence_of_an_older_release_is_shown_as_it_stands() {
        Reason old = Reason.read("", "", "The username is missing.");
        assertThat(old.code()).isEqualTo(Reason.Code.OTHER);
        assertThat(old.english()).isEqualTo("The username is missing.");
    }

    @Test
    void arguments_stay_on_one_line_and_short() {
        Reason reason = Reason.of(Reason.Code.EMAIL_WRONG, "a\nb\u001b[2J" + "x".repeat(1_000));
        assertThat(reason.arguments())
                .singleElement()
                .asString()
                .hasSizeLessThan(500)
                .doesNotContain("\n", "\u001b");
        assertThat(Reason.read(reason.wireName(), reason.argumentsWritten(), ""))
                .isEqualTo(reason);
        Reason empty = Reason.of(Reason.Code.PASSWORD_ALGORITHM, "");
        assertThat(Reason.read(empty.wireName(), empty.argumentsWritten(), "")).isEqualTo(empty);
        assertThat(Reason.of(Reason.Code.USERNAME_MISSING).arguments()).isEqualTo(List.of());
    }
}
