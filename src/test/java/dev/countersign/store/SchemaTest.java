package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kernel.StartFailure;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** AC-256: servers of two versions on one database. */
class SchemaTest {
    private static final Path MIGRATIONS = Path.of("src/main/resources/db/migration/common");
    private static final String[] WITH_BREAKING = {"classpath:db/migration/common", "classpath:db/migration/breaking"};

    /** The version from which on servers of the version before go on while a migration runs. */
    private static final int FIRST = 24;

    /** What statements of the program before could stumble over. */
    private static final Pattern TAKES_AWAY = Pattern.compile(
            "\\bDROP (TABLE|COLUMN)\\b|\\bRENAME\\b|\\bALTER COLUMN\\b|\\bNOT NULL\\b(?![^,;]*\\bDEFAULT\\b)",
            Pattern.CASE_INSENSITIVE);

    @Test
    void a_migration_adds_only_or_says_that_it_breaks() throws IOException {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            for (Path file : files.filter(path -> version(path) >= FIRST).toList()) {
                String text = Files.readString(file);
                boolean breaking = text.lines().anyMatch(line -> line.startsWith("-- breaking:"));
                for (String statement : changes(text)) {
                    assertThat(breaking || !TAKES_AWAY.matcher(statement).find())
                            .as("%s: %s", file.getFileName(), statement)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void a_start_knows_the_newest_version_without_looking_for_it() throws IOException {
        try (Stream<Path> files = Files.list(MIGRATIONS)) {
            assertThat(files.mapToInt(SchemaTest::version).max()).hasValue(Schema.NEWEST);
        }
    }

    private static int version(Path file) {
        return Integer.parseInt(file.getFileName().toString().replaceAll("^V(\\d+)__.*", "$1"));
    }

    /** Statements about tables that may be there already. */
    private static List<String> changes(String text) {
        return Stream.of(text.replaceAll("(?m)--.*$", "").split(";"))
                .map(String::strip)
                .filter(statement -> statement.matches("(?is)(ALTER|DROP)\\b.*"))
                .toList();
    }

    @Test
    void ac_256_a_migration_that_breaks_waits_until_no_server_of_the_version_before_runs_on_sqlite() {
        Path file = TestInstallation.newDirectory().resolve("countersign.db");
        Databases.openSqlite(file).close();
        upgrade(Dialect.SQLITE, new DriverManagerDataSource("jdbc:sqlite:" + file));
    }

    @Test
    void ac_256_a_migration_that_breaks_waits_until_no_server_of_the_version_before_runs_on_postgresql() {
        String url = TestInstallation.newPostgresqlDatabase();
        Databases.openPostgresql(url, "postgres", "").close();
        upgrade(Dialect.POSTGRESQL, new DriverManagerDataSource(url, "postgres", ""));
    }

    private static void upgrade(Dialect dialect, DataSource dataSource) {
        JdbcClient sql = JdbcClient.create(dataSource);
        sql.sql("INSERT INTO node (id, settings, started_at, seen_at) VALUES ('old', '', 0, " + dialect.epochMillis()
                        + ")")
                .update();
        assertThatThrownBy(() -> Schema.migrate(dialect, dataSource, WITH_BREAKING))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("Stop all servers");
        assertThat(Schema.migrate(dialect, dataSource)).as("what adds only").isFalse();
        sql.sql("UPDATE node SET seen_at = seen_at - 61000").update();
        assertThat(Schema.migrate(dialect, dataSource, WITH_BREAKING)).isTrue();
        assertThatThrownBy(() -> Schema.migrate(dialect, dataSource))
                .as("the version before on the newer schema")
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StartFailure.Kind.SCHEMA_NEWER));
        assertThatCode(() -> Schema.migrate(dialect, dataSource, WITH_BREAKING)).doesNotThrowAnyException();
    }
}
