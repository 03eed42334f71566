package dev.countersign.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "Anna", "\u00c9lodie", "\ud83d\ude00", "\u200f\u05d0"})
    void what_can_be_shown_is_plain(String text) {
        assertThat(Texts.isPlain(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000", "a\nb", "\u009b", "\ud83d", "x\ude00y", "\ude00\ud83d"})
    void what_is_no_character_or_steers_a_terminal_is_not(String text) {
        assertThat(Texts.isPlain(text)).isFalse();
    }
}
