package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.Sealing;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.StartFailure;
import dev.countersign.policy.Rules;
import dev.countersign.safekeeping.Move;
import dev.countersign.store.CopyTarget;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableShape;
import dev.countersign.store.UnfinishedCopy;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An embedded installation becomes one on PostgreSQL. */
class MoveTest {
    private static final int MORE_THAN_A_PORTION = 25_000;

    @Test
    void a_move_that_is_stopped_in_every_table_goes_on_and_people_sign_in_as_before() throws Exception {
        TestServer source = TestServer.start();
        source.policy(Rules.Mode.OPTIONAL);
        Enrolled anna = source.enrolled("anna", Role.ADMINISTRATOR);
        source.person("bea");
        assertThat(source.browser()
                        .signIn("anna", TestServer.PASSWORD, anna.app().code())
                        .location())
                .isEqualTo("/account");
        fill(source.get(Database.class));
        Path data = source.directory();
        String url = TestInstallation.newPostgresqlDatabase();
        assertThat(move(data, source, url).err()).contains("is running");
        source.stop();

        Path file = data.resolve("countersign.db");
        String before = sha256(file);
        List<String> tables = tablesWithRows(file);
        assertThat(tables).contains("activity", "phone_proof", "totp", "session");
        for (String table : tables) {
            stoppedAt(data, url, table);
        }
        assertThatThrownBy(() -> Databases.openPostgresql(url, "postgres", ""))
                .hasMessageContaining("Run it again: countersign move-to-postgresql");
        Typed moved = move(data, source, url, "--json");
        assertThat(moved.err()).doesNotContain("Exception");
        assertThat(moved.out()).contains("\"resumed\" : true").contains(url);
        assertThat(moved.code()).isZero();
        assertThat(sha256(file)).isEqualTo(before);
        assertThat(move(data, source, url).err()).contains("The database is not empty");

        Map<SettingKey, String> there = Map.of(SettingKey.DATABASE_URL, url, SettingKey.DATABASE_USER, "postgres");
        try (TestServer server = TestServer.over(data, source.clock(), there)) {
            assertThat(server.count("SELECT count(*) FROM phone_proof")).isEqualTo(MORE_THAN_A_PORTION);
            assertThat(server.count("SELECT count(*) FROM session")).isEqualTo(1);
            assertThat(server.count("SELECT count(*) FROM activity WHERE kind = 'moved-to-postgresql'"))
                    .isEqualTo(1);
            server.clock().advance(Duration.ofSeconds(30));
            assertThat(server.browser()
                            .signIn("anna", TestServer.PASSWORD, anna.app().code())
                            .location())
                    .isEqualTo("/account");
        }
    }

    /** So many rows that a table can be stopped in its middle. */
    private static void fill(Database database) {
        database.write(
                () -> database.sql().sql("""
                        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
                        INSERT INTO phone_proof (proof_hash, expires_at) SELECT 'proof ' || i, 9000000000000 + i FROM n""").param("rows", MORE_THAN_A_PORTION).update());
    }

    private static List<String> tablesWithRows(Path file) {
        try (Snapshot snapshot = Snapshot.ofSqlite(file)) {
            return snapshot.tables().stream()
                    .filter(table -> snapshot.count(table) > 0)
                    .map(TableShape::name)
                    .toList();
        }
    }

    /** As if the process had been killed after the first portion of this table was written. */
    private static void stoppedAt(Path data, String url, String table) {
        Settings settings = SettingsLoader.load(Map.of(SettingKey.DATA, data.toString()), Map.of(), Optional.empty());
        Settings.Postgresql there = new Settings.Postgresql(url, "postgres", Optional.empty());
        try (Move move = Move.begin(settings, there)) {
            assertThatThrownBy(() -> move.copy(false, (name, _, _) -> {
                        if (name.equals(table)) {
                            throw new IllegalStateException("stopped");
                        }
                    }))
                    .hasMessage("stopped");
        }
    }

    private static Typed move(Path data, TestServer server, String url, String... more) {
        List<String> words = new ArrayList<>(List.of("move-to-postgresql", "--url", url, "--user", "postgres"));
        words.addAll(List.of(more));
        return Typed.on(data, server.clock(), words.toArray(String[]::new));
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void text_that_postgresql_cannot_store_and_the_beginning_of_another_copy_are_refused() {
        String url = TestInstallation.newPostgresqlDatabase();
        try (CopyTarget target = CopyTarget.postgresql(url, "postgres", "")) {
            target.begin(new UnfinishedCopy(UnfinishedCopy.Kind.MOVE, "another"), target.knownSchema());
            TableShape proofs = target.tables().stream()
                    .filter(table -> table.name().equals("phone_proof"))
                    .findAny()
                    .orElseThrow();
            CopyTarget.Rows rows = target.into(proofs, _ -> {});
            assertThatThrownBy(() -> rows.row(1, new @Nullable Object[] {"a\0b", 1L}))
                    .hasMessageContaining("the character NUL")
                    .hasMessageContaining("proof_hash of phone_proof");
        }
        TestServer server = TestServer.start();
        Path data = server.stop();
        assertThat(move(data, server, url).err()).contains("the beginning of another copy");
        assertThat(move(data, server, url, "--anew").out()).contains("both sides are the same");
    }

    @Test
    void a_log_that_was_altered_is_moved_only_when_somebody_says_so() {
        TestServer server = TestServer.start();
        server.get(Sealing.class).seal(server.environment().id(), server.clock().instant());
        Database database = server.get(Database.class);
        int altered = database.write(() -> database.sql()
                .sql("UPDATE activity SET actor_name = 'nobody' WHERE sequence = (SELECT min(sequence) FROM activity)")
                .update());
        assertThat(altered).isEqualTo(1);
        Path data = server.stop();
        String url = TestInstallation.newPostgresqlDatabase();

        Typed refused = move(data, server, url);
        assertThat(refused.err()).contains("is not what its checkpoints say");
        assertThat(refused.code()).isEqualTo(StartFailure.Kind.LOG_ALTERED.exitCode());
        assertThat(move(data, server, url, "--even-if-log-altered").code()).isZero();
    }
}
