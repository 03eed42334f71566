package dev.countersign.support;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.Vault;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * Everything below the doors, on a real database: one for all tests of a JVM, as each test works in environments of its own.
 * PostgreSQL is started here; where it cannot start, its tests fail.
 */
public final class TestInstallation {
    /** A moment at the beginning of a period of 30 seconds. */
    public static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");

    public static final Actor ACTOR = new Actor(Optional.empty(), "test");

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Database database;
    private final AnnotationConfigApplicationContext context;

    private TestInstallation(Path directory, Database database) {
        this.database = database;
        this.context = context(directory, database);
    }

    private static final class Sqlite {
        static final TestInstallation ONLY = open();

        private static TestInstallation open() {
            Path directory = newDirectory();
            return new TestInstallation(directory, Databases.openSqlite(directory.resolve("countersign.db")));
        }
    }

    private static final class Postgresql {
        static final TestInstallation ONLY =
                new TestInstallation(newDirectory(), Databases.openPostgresql(Way.to("postgres"), "postgres", ""));
    }

    private static final class Server {
        static final EmbeddedPostgres ONLY = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.start();
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL does not start", e);
            }
        }
    }

    /** The embedded database. */
    public static TestInstallation sqlite() {
        return Sqlite.ONLY;
    }

    public static TestInstallation postgresql() {
        return Postgresql.ONLY;
    }

    /** Everything that is tested on PostgreSQL is through PgBouncer with {@code -Dcountersign.through-pgbouncer=true}. */
    private static final class Way {
        static final Optional<PgBouncer> THROUGH = Boolean.getBoolean("countersign.through-pgbouncer")
                ? Optional.of(PgBouncer.start(Server.ONLY.getPort(), 8))
                : Optional.empty();

        static String to(String database) {
            return THROUGH.map(bouncer -> bouncer.url(database))
                    .orElseGet(() -> Server.ONLY.getJdbcUrl("postgres", database));
        }
    }

    /** A new, empty database on the PostgreSQL server of these tests, as a JDBC address for its user {@code postgres}. */
    public static String newPostgresqlDatabase() {
        String name = "extra" + NAMES.incrementAndGet();
        try (var connection = Server.ONLY.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
            return Way.to(name);
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A directory that goes when the tests end. */
    public static Path newDirectory() {
        try {
            Path directory = Files.createTempDirectory("countersign-test-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a directory with all that is in it, if there is one. */
    static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static AnnotationConfigApplicationContext context(Path directory, Database database) {
        Path keys = directory.resolve("countersign.keys");
        KeyFile.create(keys, NOW);
        Settings settings =
                SettingsLoader.load(Map.of(SettingKey.DATA, directory.toString()), Map.of(), Optional.empty());
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(Settings.class, () -> settings);
        context.registerBean(Database.class, () -> database);
        context.registerBean(Vault.class, () -> KeyFile.open(keys));
        context.registerBean(Clock.class, TestClock::new);
        context.registerBean(PasswordSettings.class, () -> PasswordSettings.DEFAULT);
        context.register(TestServer.parts(new TestClock()).modules());
        context.refresh();
        return context;
    }

    public <T> T get(Class<T> part) {
        return context.getBean(part);
    }

    public Database database() {
        return database;
    }

    /** A name nobody has used yet: {@code bea-17}. */
    public static String fresh(String name) {
        return name + "-" + NAMES.incrementAndGet();
    }

    /** A new environment, in which a test is alone. */
    public Environment environment() {
        String name = fresh("northwind");
        return get(Environments.class)
                .create(name, Optional.of(name + ".example"), "Northwind", ACTOR, Origin.SYSTEM, NOW)
                .orElseThrow();
    }

    public Account person(Environment environment, String username, Role role) {
        NewAccount typed = new NewAccount(username, "Person " + username, "person@northwind.example", role);
        return created(get(Accounts.class).create(environment.id(), typed, ACTOR, Origin.SYSTEM, NOW));
    }

    /** A person in an environment of their own. */
    public Account person() {
        return person(environment(), "bea", Role.USER);
    }

    public static Account created(Accounts.Creation creation) {
        return switch (creation) {
            case Accounts.Creation.Created(Account account) -> account;
            case Accounts.Creation.Refused(Accounts.Problem problem) -> throw new AssertionError(problem);
        };
    }

    public Group group(Environment environment, String name, Account... members) {
        Username parsed = switch (Username.parseGroupName(name)) {
            case Username.Parsed.Accepted(Username accepted) -> accepted;
            case Username.Parsed.Refused refused -> throw new AssertionError(refused);
        };
        Group group = get(Groups.class)
                .create(environment.id(), parsed, ACTOR, Origin.SYSTEM, NOW)
                .orElseThrow();
        for (Account member : members) {
            get(Groups.class).add(group, member, ACTOR, Origin.SYSTEM, NOW);
        }
        return group;
    }

    /** The kinds of the newest entries of an environment's log, oldest first. */
    public List<String> log(Environment environment) {
        return get(ActivityLog.class).newest(environment.id(), 1_000).reversed().stream()
                .map(ActivityEntry::kind)
                .toList();
    }

    /** How many rows a query counts. */
    public long count(String countQuery, Object... parameters) {
        return database.sql()
                .sql(countQuery)
                .params(parameters)
                .query(Long.class)
                .single();
    }
}
