package dev.countersign.support;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.cli.Program;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.SignInStyle;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * The real server on a free loopback port and an embedded database in a temporary directory, on a clock the test moves. Close
 * it at the end of the test class.
 */
public final class TestServer implements AutoCloseable {
    /** The password of everyone {@link #person} creates. */
    public static final String PASSWORD = "correct horse battery staple";

    private static final AtomicReference<Passwords.Prepared> PREPARED = new AtomicReference<>();
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");

    private final Path directory;
    private final TestClock clock;
    private final Map<SettingKey, String> settings;
    private final RunningServer server;

    private TestServer(Path directory, TestClock clock, Map<SettingKey, String> settings, RunningServer server) {
        this.directory = directory;
        this.clock = clock;
        this.settings = settings;
        this.server = server;
    }

    public static TestServer start() {
        return start(Map.of());
    }

    public static TestServer start(Map<SettingKey, String> more) {
        try {
            Path directory = Files.createTempDirectory("countersign-test-");
            return open(directory, new TestClock(), more);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same on a new, empty PostgreSQL database. */
    public static TestServer onPostgresql() {
        return start(Map.of(
                SettingKey.DATABASE_URL,
                TestInstallation.newPostgresqlDatabase(),
                SettingKey.DATABASE_USER,
                "postgres"));
    }

    /** A server of the installation that is in this directory already. */
    public static TestServer over(Path directory, TestClock clock, Map<SettingKey, String> more) {
        return open(directory, clock, more);
    }

    /** Stops the server and leaves its data where they are. */
    public Path stop() {
        server.close();
        return directory;
    }

    /** The settings that were given beside the directory. */
    public Map<SettingKey, String> settings() {
        return settings;
    }

    /** One more node of this installation, which is on PostgreSQL. */
    public TestServer node() {
        return node(Map.of());
    }

    /** One more node, some of whose settings are others. */
    public TestServer node(Map<SettingKey, String> others) {
        try {
            Map<SettingKey, String> same = new EnumMap<>(settings);
            same.put(SettingKey.KEY_FILE, directory.resolve("countersign.keys").toString());
            same.putAll(others);
            return open(Files.createTempDirectory("countersign-test-"), clock, same);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TestServer open(Path directory, TestClock clock, Map<SettingKey, String> more) {
        Map<SettingKey, String> options = new EnumMap<>(SettingKey.class);
        options.put(SettingKey.DATA, directory.toString());
        options.put(SettingKey.PORT, "0");
        options.put(SettingKey.NAME, "Northwind");
        options.putAll(more);
        return new TestServer(
                directory,
                clock,
                more,
                RunningServer.start(SettingsLoader.load(options, Map.of(), Optional.empty()), quickParts(clock)));
    }

    /** Hashing takes next to nothing: what it takes is tested with the factor, and asked for thousands of times elsewhere. */
    private static Program.Parts quickParts(Clock clock) {
        return QuickProgram.parts(clock, PasswordSettings.LEAST);
    }

    /** The real program. */
    public static Program.Parts parts(Clock clock) {
        return QuickProgram.parts(clock, PasswordSettings.DEFAULT);
    }

    /** Stops the server and starts it again on the same data. This object is closed; use the new one. */
    public TestServer restart() {
        server.close();
        return open(directory, clock, settings);
    }

    public TestClock clock() {
        return clock;
    }

    public Path directory() {
        return directory;
    }

    public int port() {
        return server.port();
    }

    /** Address for HTTP clients: {@code http://localhost:port}. */
    public String url() {
        return "http://localhost:" + port();
    }

    public <T> T get(Class<T> part) {
        return server.get(part);
    }

    public Environment environment() {
        return server.defaultEnvironment();
    }

    /** A new browser with an empty cookie jar. */
    public TestBrowser browser() {
        return new TestBrowser(url());
    }

    /** An account with {@link #PASSWORD}, without a second factor. */
    public Account person(String username, Role role) {
        NewAccount typed = new NewAccount(username, "Person " + username, username + "@northwind.example", role);
        Passwords.Prepared password = preparedPassword();
        return get(Database.class).write(() -> {
            Accounts.Creation creation =
                    get(Accounts.class).create(environment().id(), typed, ACTOR, Origin.SYSTEM, clock.instant());
            Account account = ((Accounts.Creation.Created) creation).account();
            get(Passwords.class).set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
            return account;
        });
    }

    /** {@link #PASSWORD}, hashed once for all tests: hashing is what costs time in them. */
    private Passwords.Prepared preparedPassword() {
        Passwords.Prepared known = PREPARED.get();
        if (known != null) {
            return known;
        }
        PREPARED.set(get(Passwords.class).prepare(SecretText.of(PASSWORD)).orElseThrow());
        return PREPARED.get();
    }

    public Account person(String username) {
        return person(username, Role.USER);
    }

    /** What a person has who has set up two-factor authentication. */
    public record Enrolled(Account account, TestAuthenticator app, String recoveryCode) {}

    /** An account with {@link #PASSWORD}, an app and a confirmed recovery code. The step of now minus two is used up. */
    public Enrolled enrolled(String username, Role role) {
        Account account = person(username, role);
        SecretBytes secret = get(Apps.class).newSecret();
        String recoveryCode = get(Database.class).write(() -> {
            long step = Totp.DEFAULT.step(clock.instant());
            get(Apps.class).register(account, secret, step, ACTOR, Origin.SYSTEM, clock.instant());
            SecretText code = get(RecoveryCodes.class).issue(account, ACTOR, Origin.SYSTEM, clock.instant());
            get(RecoveryCodes.class).confirm(account, code, ACTOR, Origin.SYSTEM, clock.instant());
            return code.reveal();
        });
        clock.advance(java.time.Duration.ofSeconds(60));
        return new Enrolled(account, new TestAuthenticator(secret.reveal(), clock), recoveryCode);
    }

    public Enrolled enrolled(String username) {
        return enrolled(username, Role.USER);
    }

    /** A group with these members. */
    public Group group(String name, Account... members) {
        Username parsed = ((Username.Parsed.Accepted) Username.parseGroupName(name)).username();
        Group group = get(Groups.class)
                .create(environment().id(), parsed, ACTOR, Origin.SYSTEM, clock.instant())
                .orElseThrow();
        for (Account member : members) {
            get(Groups.class).add(group, member, ACTOR, Origin.SYSTEM, clock.instant());
        }
        return group;
    }

    public void style(SignInStyle style) {
        get(Environments.class).changeStyle(environment(), style, ACTOR, Origin.SYSTEM, clock.instant());
    }

    public void policy(Rules.Mode mode) {
        policy(mode, new Rules.Scope.Everyone());
    }

    public void requireFor(Group... groups) {
        Set<GroupId> ids = Stream.of(groups).map(Group::id).collect(java.util.stream.Collectors.toSet());
        policy(Rules.Mode.REQUIRED, new Rules.Scope.Selected(ids, Set.of()));
    }

    public void policy(Rules.Mode mode, Rules.Scope scope) {
        Policies policies = get(Policies.class);
        Rules rules = new Rules(mode, scope, policies.rules(environment().id()).version());
        policies.change(environment().id(), rules, ACTOR, Origin.SYSTEM, clock.instant());
    }

    /** The newest entries of the log about an account, newest first. */
    public List<ActivityEntry> activityOf(Account account) {
        return get(ActivityLog.class).newestOf(account.id(), 1_000);
    }

    /** How many rows a query counts, for assertions about what is stored. */
    public long count(String countQuery, Object... parameters) {
        return get(Database.class)
                .sql()
                .sql(countQuery)
                .params(parameters)
                .query(Long.class)
                .single();
    }

    @Override
    public void close() {
        server.close();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
