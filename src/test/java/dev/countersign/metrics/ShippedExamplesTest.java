package dev.countersign.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.Launcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the unit and the container recipe name exists. */
class ShippedExamplesTest {
    private static final Path CONTAINER = Path.of("examples/container/Containerfile");
    private static final Path UNIT = Path.of("examples/systemd/countersign.service");

    @Test
    void the_container_copies_what_is_in_the_source_and_sets_what_is_a_setting() throws IOException {
        String recipe = Files.readString(CONTAINER);
        for (String copied : List.of(".mvn", "mvnw", "pom.xml", "src")) {
            assertThat(recipe).containsPattern("COPY [^\n]*" + Pattern.quote(copied));
            assertThat(Path.of(copied)).exists();
        }
        TreeSet<String> settings = new TreeSet<>();
        Matcher variable = Pattern.compile("COUNTERSIGN_[A-Z_]+").matcher(recipe);
        while (variable.find()) {
            settings.add(variable.group());
        }
        settings.remove("COUNTERSIGN_JAVA_OPTIONS");
        assertThat(Arrays.stream(SettingKey.values()).map(SettingKey::variable).collect(Collectors.toSet()))
                .containsAll(settings);
        assertThat(recipe)
                .contains("USER 10001", "HEALTHCHECK", "/health/live", "STOPSIGNAL SIGTERM", "AOTCacheOutput");
    }

    /** Whoever changes the launcher's flags changes those of the container. */
    @Test
    void the_container_uses_the_flags_of_the_launcher() throws IOException {
        String recipe = Files.readString(CONTAINER);
        assertThat(recipe).contains(Launcher.flags());
    }

    @Test
    void the_unit_starts_the_launcher_with_options_there_are_and_allows_the_connections_the_server_takes()
            throws IOException {
        String unit = Files.readString(UNIT);
        assertThat(unit)
                .contains("bin/countersign serve --data /var/lib/countersign --config ")
                .contains("NoNewPrivileges=yes", "ProtectSystem=strict", "SystemCallFilter=@system-service");
        Matcher files = Pattern.compile("LimitNOFILE=(\\d+)").matcher(unit);
        assertThat(files.find()).isTrue();
        Matcher connections = Pattern.compile("max-connections=(\\d+)")
                .matcher(Files.readString(Path.of("src/main/resources/application.properties")));
        assertThat(connections.find()).isTrue();
        assertThat(Integer.parseInt(files.group(1))).isGreaterThan(Integer.parseInt(connections.group(1)) + 2_000);
        assertThat(Path.of("bin/countersign")).isExecutable();
    }
}
