package dev.countersign.whereabouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.support.PlaceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of addresses, from files with a few networks of the ranges for examples. */
final class WhereaboutsTest {
    @TempDir
    private Path directory;

    private Whereabouts with(Map<SettingKey, Path> files) {
        Map<SettingKey, String> options = new EnumMap<>(SettingKey.class);
        options.put(SettingKey.DATA, directory.toString());
        files.forEach((key, file) -> options.put(key, file.toString()));
        Settings settings = SettingsLoader.load(options, Map.of(), Optional.empty());
        return new Whereabouts(settings);
    }

    private Path places() throws IOException {
        Path file = directory.resolve("places.mmdb");
        new PlaceFile()
                .with(
                        "203.0.113.0",
                        24,
                        Map.of(
                                "city", Map.of("names", Map.of("en", "Ghent", "nl", "Gent")),
                                "country", Map.of("names", Map.of("en", "Belgium", "nl", "België"))))
                .with("198.51.100.0", 24, Map.of("country", Map.of("names", Map.of("en", "Norway"))))
                .write(file);
        return file;
    }

    @Test
    void city_and_country_in_the_language_of_the_reader_or_in_english() throws IOException {
        Whereabouts known = with(Map.of(SettingKey.PLACE_DATABASE, places()));
        assertThat(known.place("203.0.113.7", Locale.forLanguageTag("nl"))).contains("Gent, België");
        assertThat(known.place("203.0.113.7", Locale.FRENCH)).contains("Ghent, Belgium");
        assertThat(known.place("198.51.100.1", Locale.ENGLISH)).contains("Norway");
        known.destroy();
    }

    @Test
    void nothing_is_known_of_other_addresses_and_of_what_is_none() throws IOException {
        Whereabouts known = with(Map.of(SettingKey.PLACE_DATABASE, places()));
        assertThat(known.place("192.0.2.1", Locale.ENGLISH)).isEmpty();
        assertThat(known.place("2001:db8::1", Locale.ENGLISH)).isEmpty();
        assertThat(known.place("local", Locale.ENGLISH)).isEmpty();
        assertThat(known.place("203.0.113.7.example.org", Locale.ENGLISH)).isEmpty();
        assertThat(known.network("203.0.113.7")).isEmpty();
        known.destroy();
    }

    @Test
    void whose_network_it_is() throws IOException {
        Path file = directory.resolve("networks.mmdb");
        new PlaceFile()
                .with("203.0.0.0", 16, Map.of("autonomous_system_organization", "Example Net"))
                .write(file);
        Whereabouts known = with(Map.of(SettingKey.NETWORK_DATABASE, file));
        assertThat(known.network("203.0.113.7")).contains("Example Net");
        assertThat(known.known()).containsExactly("networks");
        known.destroy();
    }

    @Test
    void a_broken_file_costs_the_hint_and_a_missing_one_is_said_at_the_start() throws IOException {
        Path broken = directory.resolve("broken.mmdb");
        Files.writeString(broken, "this is no database");
        Whereabouts known = with(Map.of(SettingKey.PLACE_DATABASE, broken));
        assertThat(known.place("203.0.113.7", Locale.ENGLISH)).isEmpty();
        Path missing = directory.resolve("missing.mmdb");
        assertThatThrownBy(() -> with(Map.of(SettingKey.PLACE_DATABASE, missing)))
                .hasMessageContaining("place-database")
                .hasMessageContaining("cannot be read");
    }
}
