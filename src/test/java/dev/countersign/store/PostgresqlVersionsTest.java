package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.countersign.kernel.StartFailure;
import dev.countersign.support.TestInstallation;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The versions of PostgreSQL that are promised, beside the newest, on which all other tests run; and several hosts in one
 * address. {@code -Dcountersign.long=true} starts every version, otherwise the oldest.
 */
class PostgresqlVersionsTest {
    private static final Path SERVERS = Path.of("target/postgresql");

    static Stream<String> versions() {
        return Boolean.getBoolean("countersign.long") ? Stream.of("15", "16", "17") : Stream.of("15");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void the_schema_is_made_and_written_on_every_promised_version(String version) throws IOException {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "older versions are fetched for Linux on x86-64 only");
        Path packed = packed(version);
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setPgBinaryResolver((system, machine) -> binaries(packed))
                        .start();
                Database database =
                        Databases.openPostgresql(server.getJdbcUrl("postgres", "postgres"), "postgres", "")) {
            assertThat(text(database, "SHOW server_version")).startsWith(version + ".");
            database.write(() -> database.sql()
                    .sql("INSERT INTO signal (environment_id, at) VALUES ('e', 1) ON CONFLICT DO NOTHING")
                    .update());
            assertThatThrownBy(() -> database.write(() -> {
                        database.sql().sql("DELETE FROM signal").update();
                        throw new IllegalStateException("on purpose");
                    }))
                    .hasMessage("on purpose");
            assertThat(text(database, "SELECT environment_id FROM signal")).isEqualTo("e");
        }
    }

    private static Path packed(String version) throws IOException {
        try (Stream<Path> all = Files.list(SERVERS)) {
            return all.filter(path -> path.getFileName().toString().matches(".*-" + version + "\\.[0-9.]+\\.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no PostgreSQL " + version + " in " + SERVERS));
        }
    }

    private static InputStream binaries(Path packed) {
        try {
            JarFile jar = new JarFile(packed.toFile());
            return jar.getInputStream(jar.stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void of_several_hosts_the_one_that_takes_writes_is_found_behind_one_that_is_dead() {
        URI database = URI.create(TestInstallation.newPostgresqlDatabase().substring("jdbc:".length()));
        String hosts = "jdbc:postgresql://127.0.0.1:1,localhost:" + database.getPort() + database.getPath();
        try (Database opened = Databases.openPostgresql(hosts, "postgres", "")) {
            assertThat(text(opened, "SELECT CAST(pg_is_in_recovery() AS TEXT)")).isEqualTo("false");
            assertThat(opened.write(() -> opened.sql().sql("DELETE FROM signal").update()))
                    .isZero();
        }
        assertThatThrownBy(() ->
                        Databases.openPostgresql("jdbc:postgresql://127.0.0.1:1,127.0.0.1:2/nothing", "postgres", ""))
                .isInstanceOf(StartFailure.class);
    }

    private static String text(Database database, String query) {
        List<String> rows =
                database.sql().sql(query).query((row, _) -> row.getString(1)).list();
        return rows.getFirst();
    }
}
