package dev.countersign.factor.companion;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** The 256 words of each language, of which four are compared while a phone is paired. Thread-safe. */
@Component
public final class PairingWords {
    private static final List<String> LANGUAGES = List.of("en", "de", "fr", "nl");

    private final Map<String, List<String>> lists = new ConcurrentHashMap<>();

    /** The words both sides show, in the language of the pairing; English where there is no list. */
    public List<String> of(Pairing pairing) {
        String language = LANGUAGES.contains(pairing.language()) ? pairing.language() : "en";
        List<String> words = lists.computeIfAbsent(language, PairingWords::read);
        return pairing.words().stream().map(words::get).toList();
    }

    private static List<String> read(String language) {
        String name = "/companion/words/" + language + ".txt";
        try (InputStream file = PairingWords.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException("the program lacks " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
