package dev.countersign.safekeeping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Installation;
import dev.countersign.directory.ServingLock;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.CopyTarget;
import dev.countersign.store.Database;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableShape;
import dev.countersign.store.UnfinishedCopy;
import dev.countersign.support.PgBouncer;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a backup file holds, what is refused of it, and how a restore that was stopped is finished. */
class BackupTest {
    private static final SecretText PASSPHRASE = SecretText.of("a passphrase for the safe");
    private static final AtomicInteger NAMES = new AtomicInteger();
    /** The version of the tables of the first program that could make a backup. */
    private static final int FIRST_WITH_BACKUPS = 26;

    private static Settings settings(boolean postgresql) {
        Map<SettingKey, String> options = new HashMap<>(
                Map.of(SettingKey.DATA, TestInstallation.newDirectory().toString()));
        if (postgresql) {
            options.put(SettingKey.DATABASE_URL, TestInstallation.newPostgresqlDatabase());
            options.put(SettingKey.DATABASE_USER, "postgres");
        }
        return SettingsLoader.load(options, Map.of(), Optional.empty());
    }

    private static Installation started(Settings settings) {
        return Installation.open(settings, TestInstallation.NOW);
    }

    private static Path backup(Settings settings) {
        Path file = TestInstallation.newDirectory().resolve("backup");
        Backup.write(settings, file, PASSPHRASE, new Randomness(), TestInstallation.NOW, Progress.SILENT);
        return file;
    }

    /** Two rows that are committed together. */
    private static void pair(Database database) {
        String name = "pair-" + NAMES.incrementAndGet();
        database.write(() -> {
            database.sql()
                    .sql(
                            "INSERT INTO environment (id, name, display_name, sign_in_style, created_at) VALUES (?, ?, '', 'ONE_PAGE', 0)")
                    .params(name, name)
                    .update();
            database.sql()
                    .sql(
                            "INSERT INTO policy (environment_id, mode, scope, version, changed_at) VALUES (?, 'OFF', '', 0, 0)")
                    .param(name)
                    .update();
        });
    }

    private static Map<String, Long> rows(Path file) {
        Map<String, Long> rows = new HashMap<>();
        BackupFile.open(file, PASSPHRASE).read(new BackupFile.Visitor() {
            @Override
            public Snapshot.Reader table(TableShape table, long count, long lastNumber) {
                rows.put(table.name(), count);
                return (_, _) -> {};
            }

            @Override
            public void done(TableShape table, long lastNumber) {
                assertThat(rows).containsKey(table.name());
            }
        });
        return rows;
    }

    @Test
    void a_backup_of_sqlite_while_others_write_has_what_belongs_together() throws Exception {
        isConsistent(settings(false));
    }

    @Test
    void a_backup_of_postgresql_while_others_write_has_what_belongs_together() throws Exception {
        isConsistent(settings(true));
    }

    private static void isConsistent(Settings settings) throws Exception {
        try (Installation installation = started(settings)) {
            AtomicBoolean goesOn = new AtomicBoolean(true);
            AtomicInteger written = new AtomicInteger();
            List<Thread> writers = List.of(
                    Thread.ofVirtual().unstarted(() -> writeWhile(goesOn, installation, written)),
                    Thread.ofVirtual().unstarted(() -> writeWhile(goesOn, installation, written)));
            writers.forEach(Thread::start);
            try {
                for (int i = 0; i < 3; i++) {
                    int before = written.get();
                    Map<String, Long> rows = rows(backup(settings));
                    assertThat(rows.get("environment"))
                            .isEqualTo(rows.get("policy"))
                            .isGreaterThanOrEqualTo(before);
                }
            } finally {
                goesOn.set(false);
                for (Thread writer : writers) {
                    writer.join();
                }
            }
            assertThat(written.get()).isPositive();
        }
    }

    private static void writeWhile(AtomicBoolean goesOn, Installation installation, AtomicInteger written) {
        while (goesOn.get()) {
            pair(installation.database());
            written.incrementAndGet();
        }
    }

    @Test
    void whatever_is_changed_cut_off_or_added_is_refused() throws IOException {
        Settings settings = settings(false);
        try (Installation installation = started(settings)) {
            pair(installation.database());
        }
        Path file = backup(settings);
        byte[] whole = Files.readAllBytes(file);
        BackupFile opened = BackupFile.open(file, PASSPHRASE);
        assertThat(opened.verify(Progress.SILENT).rows()).isPositive();

        int header = thirdLineEnd(whole);
        for (int at = header; at < whole.length; at += 1 + whole.length / 200) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            isRefused(file, changed, opened);
        }
        for (int length = header; length < whole.length; length += 1 + whole.length / 50) {
            isRefused(file, Arrays.copyOf(whole, length), opened);
        }
        isRefused(file, Arrays.copyOf(whole, whole.length - 1), opened);
        isRefused(file, Arrays.copyOf(whole, whole.length + 1), opened);

        for (int at : new int[] {3, 25, 60, 120, header - 10}) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> BackupFile.open(file, PASSPHRASE)).isInstanceOf(StartFailure.class);
        }
        Files.write(file, Arrays.copyOf(whole, 40));
        assertThatThrownBy(() -> BackupFile.open(file, PASSPHRASE)).isInstanceOf(StartFailure.class);
    }

    /** Where the three lines of the header end. */
    private static int thirdLineEnd(byte[] file) {
        int lines = 0;
        for (int at = 0; ; at++) {
            if (file[at] == '\n' && ++lines == 3) {
                return at + 1;
            }
        }
    }

    private static void isRefused(Path file, byte[] contents, BackupFile opened) throws IOException {
        Files.write(file, contents);
        assertThatThrownBy(() -> opened.verify(Progress.SILENT))
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        failure -> assertThat(failure).hasMessageContaining("The backup is damaged"));
    }

    @Test
    void a_wrong_passphrase_a_short_one_and_a_file_that_exists_are_refused() {
        Settings settings = settings(false);
        started(settings).close();
        Path file = backup(settings);
        assertThatThrownBy(() -> BackupFile.open(file, SecretText.of("another passphrase")))
                .hasMessageContaining("The passphrase is not that of this backup");
        assertThatThrownBy(() -> Backup.write(
                        settings, file, PASSPHRASE, new Randomness(), TestInstallation.NOW, Progress.SILENT))
                .hasMessageContaining("is there already");
        assertThatThrownBy(() -> Backup.write(
                        settings,
                        file.resolveSibling("short"),
                        SecretText.of("short"),
                        new Randomness(),
                        TestInstallation.NOW,
                        Progress.SILENT))
                .hasMessageContaining("needs 12 characters");
        assertThat(file.getParent().toFile().list()).containsExactly("backup");
    }

    @Test
    void a_restore_into_sqlite_that_was_stopped_is_refused_by_servers_and_done_again() {
        doneAgain(settings(false));
    }

    @Test
    void a_restore_into_postgresql_that_was_stopped_is_refused_by_servers_and_done_again() {
        doneAgain(settings(true));
    }

    private static void doneAgain(Settings target) {
        Settings settings = settings(false);
        try (Installation installation = started(settings)) {
            pair(installation.database());
        }
        BackupFile file = BackupFile.open(backup(settings), PASSPHRASE);
        try (Restore restore = Restore.begin(target, file, false, Progress.SILENT)) {
            assertThatThrownBy(() -> restore.build((table, _, _) -> {
                        if (table.equals("policy")) {
                            throw new IllegalStateException("stopped");
                        }
                    }))
                    .hasMessage("stopped");
        }
        assertThatThrownBy(() -> started(target)).hasMessageContaining("Run it again: countersign restore");

        try (Restore restore = Restore.begin(target, file, false, Progress.SILENT)) {
            try (Installation restored = restore.build(Progress.SILENT)) {
                assertThat(restored.database()
                                .sql()
                                .sql("SELECT count(*) FROM policy")
                                .query(Long.class)
                                .single())
                        .isEqualTo(1);
                restored.database().write(() -> UnfinishedCopy.finish(restored.database()));
            }
            assertThatThrownBy(() -> started(target)).hasMessageContaining("Run it again: countersign restore");
            restore.finish();
        }
        started(target).close();
        assertThatThrownBy(() -> Restore.begin(target, file, false, Progress.SILENT))
                .hasMessageContaining("There is an installation in");
    }

    @Test
    void what_is_replaced_is_kept_beside_it_and_never_under_a_running_server() throws IOException {
        Settings settings = settings(false);
        started(settings).close();
        BackupFile file = BackupFile.open(backup(settings), PASSPHRASE);
        try (Installation installation = started(settings)) {
            pair(installation.database());
        }
        try (ServingLock _ = ServingLock.serving(settings.data())) {
            assertThatThrownBy(() -> Restore.begin(settings, file, true, Progress.SILENT))
                    .hasMessageContaining("is running");
        }
        try (Restore restore = Restore.begin(settings, file, true, Progress.SILENT)) {
            assertThatThrownBy(() -> ServingLock.serving(settings.data())).hasMessageContaining("under way");
            try (Installation restored = restore.build(Progress.SILENT)) {
                restored.database().write(() -> UnfinishedCopy.finish(restored.database()));
            }
            restore.finish();
        }
        try (Installation restored = started(settings);
                var names = Files.list(settings.data())) {
            assertThat(restored.database()
                            .sql()
                            .sql("SELECT count(*) FROM policy")
                            .query(Long.class)
                            .single())
                    .isZero();
            assertThat(names.map(name -> name.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("countersign.db.before-"));
        }
    }

    @Test
    void what_is_replaced_in_postgresql_goes_and_never_while_somebody_has_it_open() {
        Settings settings = settings(true);
        started(settings).close();
        BackupFile file = BackupFile.open(backup(settings), PASSPHRASE);
        try (Installation installation = started(settings)) {
            pair(installation.database());
            assertThatThrownBy(() -> Restore.begin(settings, file, false, Progress.SILENT))
                    .hasMessageContaining("There is an installation in the database at database-url");
            assertThatThrownBy(() -> Restore.begin(settings, file, true, Progress.SILENT))
                    .hasMessageContaining("Others have the database open");
            assertThat(policies(installation)).isEqualTo(1);
        }
        restored(settings, file, true);
        try (Installation restored = started(settings)) {
            assertThat(policies(restored)).isZero();
        }
    }

    @Test
    void a_backup_of_an_older_schema_becomes_an_embedded_database_of_today() throws Exception {
        becomesOneOfToday(settings(false));
    }

    @Test
    void a_backup_of_an_older_schema_becomes_a_postgresql_database_of_today() throws Exception {
        becomesOneOfToday(settings(true));
    }

    private static void becomesOneOfToday(Settings target) throws Exception {
        Settings today = settings(false);
        try (Installation installation = started(today)) {
            pair(installation.database());
        }
        BackupFile file = BackupFile.open(backup(asBefore(today)), PASSPHRASE);
        assertThat(file.header().schema()).isEqualTo(FIRST_WITH_BACKUPS);
        restored(target, file, false);
        try (Installation restored = started(target)) {
            assertThat(policies(restored)).isEqualTo(1);
            assertThat(restored.database()
                            .sql()
                            .sql("SELECT count(*) FROM secret_version")
                            .query(Long.class)
                            .single())
                    .isZero();
        }
        assertThat(BackupFile.open(backup(target), PASSPHRASE).header().schema())
                .isGreaterThan(FIRST_WITH_BACKUPS);
    }

    /** The same installation as the first program that could make backups would have made it. */
    private static Settings asBefore(Settings today) throws Exception {
        Settings before = settings(false);
        Files.copy(today.keyFile(), before.keyFile(), StandardCopyOption.COPY_ATTRIBUTES);
        Path file = Installation.databaseFile(before);
        List<TableShape> tables;
        try (CopyTarget target = CopyTarget.sqlite(file)) {
            target.begin(new UnfinishedCopy(UnfinishedCopy.Kind.RESTORE, "before"), FIRST_WITH_BACKUPS);
            tables = target.tables();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("ATTACH '" + Installation.databaseFile(today) + "' AS today");
            for (TableShape table : tables) {
                statement.execute("INSERT INTO main." + table.name() + " (" + columns(table) + ") SELECT "
                        + columns(table) + " FROM today." + table.name());
            }
            statement.execute("DELETE FROM unfinished_copy");
        }
        return before;
    }

    private static void restored(Settings target, BackupFile file, boolean replace) {
        try (Restore restore = Restore.begin(target, file, replace, Progress.SILENT)) {
            try (Installation restored = restore.build(Progress.SILENT)) {
                restored.database().write(() -> UnfinishedCopy.finish(restored.database()));
            }
            restore.finish();
        }
    }

    private static long policies(Installation installation) {
        return installation
                .database()
                .sql()
                .sql("SELECT count(*) FROM policy")
                .query(Long.class)
                .single();
    }

    @Test
    void a_move_a_backup_and_a_restore_work_through_pgbouncer() {
        Settings embedded = settings(false);
        try (Installation installation = started(embedded)) {
            pair(installation.database());
        }
        URI server = URI.create(TestInstallation.newPostgresqlDatabase().substring("jdbc:".length()));
        URI other = URI.create(TestInstallation.newPostgresqlDatabase().substring("jdbc:".length()));
        try (PgBouncer bouncer = PgBouncer.start(server.getPort(), 2)) {
            Settings moved = on(bouncer.url(server.getPath().substring(1)), embedded.keyFile());
            try (Move move = Move.begin(embedded, moved.postgresql().orElseThrow())) {
                assertThat(move.copy(false, Progress.SILENT).rows()).isPositive();
                move.verify(Progress.SILENT);
                try (Installation copy = move.open()) {
                    copy.database().write(() -> UnfinishedCopy.finish(copy.database()));
                }
            }
            BackupFile file = BackupFile.open(backup(moved), PASSPHRASE);
            Settings target = on(
                    bouncer.url(other.getPath().substring(1)),
                    TestInstallation.newDirectory().resolve("keys"));
            restored(target, file, false);
            try (Installation restored = started(target)) {
                assertThat(policies(restored)).isEqualTo(1);
            }
        }
    }

    private static Settings on(String url, Path keys) {
        return SettingsLoader.load(
                Map.of(
                        SettingKey.DATA,
                        TestInstallation.newDirectory().toString(),
                        SettingKey.DATABASE_URL,
                        url,
                        SettingKey.DATABASE_USER,
                        "postgres",
                        SettingKey.KEY_FILE,
                        keys.toString()),
                Map.of(),
                Optional.empty());
    }

    private static String columns(TableShape table) {
        return table.columns().stream().map(TableShape.Column::name).collect(Collectors.joining(", "));
    }
}
