package dev.countersign.support;

import dev.countersign.activity.Actor;
import dev.countersign.cli.Program;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Many people with {@link TestServer#PASSWORD}, an app and a recovery code, in the data of a server that is not running. Two
 * factors are required of everyone.
 */
public final class Population {
    private static final int PEOPLE_PER_TRANSACTION = 500;
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");

    private final RunningServer server;
    private final EnvironmentId environment;
    private final Passwords.Prepared password;
    /** Long enough ago that every code shown from now on is unused. */
    private final Instant enrolledAt;

    private Population(RunningServer server) {
        this.server = server;
        this.environment = server.defaultEnvironment().id();
        // Hashed once for all: hashing is what takes time.
        this.password = server.get(Passwords.class)
                .prepare(SecretText.of(TestServer.PASSWORD))
                .orElseThrow();
        this.enrolledAt = Clock.systemUTC().instant().minus(Duration.ofMinutes(10));
    }

    /** Someone, the secret of their app and their recovery code; both empty for who has only a password. */
    public record Person(int number, String username, String account, byte[] secret, String recoveryCode) {
        /** Somebody nobody has heard of. */
        public Person(int number, String username, byte[] secret) {
            this(number, username, "", secret, "");
        }

        /** The code their app shows in this period of 30 seconds, counted from 1970. */
        public String code(long step) {
            Instant shown = Instant.ofEpochSecond(step * Totp.DEFAULT.period().toSeconds());
            return new TestAuthenticator(secret, Clock.fixed(shown, java.time.ZoneOffset.UTC)).code();
        }

        @Override
        public String toString() {
            return username;
        }

        /** An address of their own, as a proxy would report it. */
        public String address() {
            return "10.%d.%d.%d".formatted(number >> 16 & 255, number >> 8 & 255, number & 255);
        }
    }

    /** Adds {@code count} people to the installation in {@code data}, which is made if there is none. */
    public static List<Person> create(Path data, int count) {
        return create(Map.of(SettingKey.DATA, data.toString(), SettingKey.PORT, "0"), count);
    }

    /** The same for the installation these settings name. */
    public static List<Person> create(Map<SettingKey, String> options, int count) {
        return in(options, population -> {
            List<Person> people = new ArrayList<>();
            while (people.size() < count) {
                int first = people.size();
                int last = Math.min(count, first + PEOPLE_PER_TRANSACTION);
                people.addAll(population.server().get(Database.class).write(() -> population.add(first, last)));
            }
            return List.copyOf(people);
        });
    }

    /** The same for {@link QuickProgram}. */
    public static <T> T quickIn(Map<SettingKey, String> settings, Function<Population, T> work) {
        return in(settings, QuickProgram.parts(Clock.systemUTC(), PasswordSettings.LEAST), work);
    }

    /** Opens the installation these settings describe, in which a second factor is required of everyone from then on. */
    public static <T> T in(Map<SettingKey, String> settings, Function<Population, T> work) {
        return in(settings, TestServer.parts(Clock.systemUTC()), work);
    }

    private static <T> T in(Map<SettingKey, String> settings, Program.Parts parts, Function<Population, T> work) {
        try (RunningServer server =
                RunningServer.start(SettingsLoader.load(settings, Map.of(), Optional.empty()), parts)) {
            Population population = new Population(server);
            population.requireSecondFactor();
            return work.apply(population);
        }
    }

    /** The open installation. */
    public RunningServer server() {
        return server;
    }

    private void requireSecondFactor() {
        Policies policies = server.get(Policies.class);
        long version = policies.rules(environment).version();
        Rules rules = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), version);
        policies.change(environment, rules, ACTOR, Origin.SYSTEM, enrolledAt);
    }

    private List<Person> add(int first, int last) {
        List<Person> people = new ArrayList<>();
        for (int number = first; number < last; number++) {
            people.add(add(number));
        }
        return people;
    }

    private Person add(int number) {
        Account account = account(number, Role.USER);
        SecretBytes secret = server.get(Apps.class).newSecret();
        long step = Totp.DEFAULT.step(enrolledAt);
        server.get(Apps.class).register(account, secret, step, ACTOR, Origin.SYSTEM, enrolledAt);
        RecoveryCodes recoveryCodes = server.get(RecoveryCodes.class);
        SecretText code = recoveryCodes.issue(account, ACTOR, Origin.SYSTEM, enrolledAt);
        recoveryCodes.confirm(account, code, ACTOR, Origin.SYSTEM, enrolledAt);
        return new Person(number, account.username(), account.id().value(), secret.reveal(), code.reveal());
    }

    /** Someone with an app and a recovery code, in the running transaction. */
    public Person enrolled(int number) {
        return add(number);
    }

    /** Someone with a password and nothing else, in the running transaction. */
    public Person newcomer(int number) {
        Account account = account(number, Role.USER);
        return new Person(number, account.username(), account.id().value(), new byte[0], "");
    }

    /** An account with {@link TestServer#PASSWORD}, in the running transaction. */
    public Account account(int number, Role role) {
        String username = "person" + number;
        NewAccount typed = new NewAccount(username, "Person " + number, username + "@northwind.example", role);
        Accounts.Creation creation =
                server.get(Accounts.class).create(environment, typed, ACTOR, Origin.SYSTEM, enrolledAt);
        Account account = ((Accounts.Creation.Created) creation).account();
        server.get(Passwords.class).set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, enrolledAt);
        return account;
    }
}
