package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.web.Languages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The words people compare while a phone is added: enough of them, and none that could be taken for another. */
class WordsTest {
    static Stream<Locale> languages() {
        return Languages.ALL.stream();
    }

    private static List<String> words(Locale language) {
        try {
            return Files.readAllLines(Path.of("src/main/resources/companion/words", language.toLanguageTag() + ".txt"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("languages")
    void one_for_each_byte_short_and_in_small_letters(Locale language) {
        assertThat(words(language)).hasSize(256).doesNotHaveDuplicates().allSatisfy(word -> {
            assertThat(word).matches("\\p{Ll}{3,10}");
            assertThat(Normalizer.isNormalized(word, Normalizer.Form.NFC))
                    .as(word)
                    .isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("languages")
    void none_becomes_another_by_changing_adding_or_leaving_out_one_letter(Locale language) {
        List<String> words = words(language);
        Set<String> known = Set.copyOf(words);
        List<String> near = new ArrayList<>();
        for (String word : words) {
            for (int i = 0; i < word.length(); i++) {
                String shorter = word.substring(0, i) + word.substring(i + 1);
                if (known.contains(shorter)) {
                    near.add(word + ' ' + shorter);
                }
            }
            words.stream()
                    .filter(other -> differences(word, other) == 1)
                    .forEach(other -> near.add(word + ' ' + other));
        }
        assertThat(near).isEmpty();
    }

    private static int differences(String word, String other) {
        if (word.length() != other.length()) {
            return Integer.MAX_VALUE;
        }
        int differences = 0;
        for (int i = 0; i < word.length(); i++) {
            differences += word.charAt(i) == other.charAt(i) ? 0 : 1;
        }
        return differences;
    }
}
