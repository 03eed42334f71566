package dev.countersign.durability;

import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailLinks;
import dev.countersign.store.Database;
import dev.countersign.support.FakePhone;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Token;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An installation with people to whom things can happen while a plug is pulled, on one port for good, since phones know
 * addresses.
 *
 * @param administrator the Authorization of a program that may reset people
 */
record Town(Map<SettingKey, String> settings, String administrator, List<Citizen> citizens) {
    private static final int EACH_KIND = 3;
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    private static final Clock CLOCK = Clock.systemUTC();

    /** What somebody is going to do. */
    enum Plan {
        SIGN_IN,
        ENROL,
        BE_RESET,
        NEW_PASSWORD,
        APPROVE,
        GUESS,
        BE_DISABLED
    }

    /**
     * Somebody.
     *
     * @param link the token of a link to a new password, which came by mail
     */
    record Citizen(Person person, Plan plan, Optional<FakePhone> phone, String link) {}

    /** People of all plans, {@code EACH_KIND} of each for each round. */
    static Town build(Map<SettingKey, String> settings, int rounds) {
        return Population.quickIn(settings, population -> {
            RunningServer server = population.server();
            Account administrator =
                    server.get(Database.class).write(() -> population.account(999_999, Role.ADMINISTRATOR));
            List<Citizen> citizens = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (Plan plan : Plan.values()) {
                    for (int i = 0; i < EACH_KIND; i++) {
                        citizens.add(citizen(population, settings, plan, citizens.size()));
                    }
                }
            }
            return new Town(settings, "Bearer " + key(server, administrator), List.copyOf(citizens));
        });
    }

    /** Those of one round. */
    List<Citizen> ofRound(int round) {
        int size = EACH_KIND * Plan.values().length;
        return citizens.subList(round * size, (round + 1) * size);
    }

    private static Citizen citizen(Population population, Map<SettingKey, String> settings, Plan plan, int number) {
        RunningServer server = population.server();
        Person person = server.get(Database.class)
                .write(() -> plan == Plan.ENROL ? population.newcomer(number) : population.enrolled(number));
        return new Citizen(
                person,
                plan,
                plan == Plan.APPROVE ? Optional.of(phone(server, settings, person)) : Optional.empty(),
                plan == Plan.NEW_PASSWORD ? link(server, person) : "");
    }

    private static FakePhone phone(RunningServer server, Map<SettingKey, String> settings, Person person) {
        String url = "http://localhost:" + settings.get(SettingKey.PORT);
        Account account = server.get(Accounts.class).get(new AccountId(person.account()));
        Pairings pairings = server.get(Pairings.class);
        Pairing begun = server.get(Database.class)
                .write(() -> pairings.begin(account, "setup-" + person.number(), url, Locale.ENGLISH, now()))
                .pairing();
        FakePhone phone = new FakePhone(url, CLOCK);
        phone.claim(begun.id().value(), "Pixel");
        server.get(Database.class)
                .write(() -> pairings.confirm(
                        account,
                        pairings.find(account.environment(), begun.id()).orElseThrow(),
                        ACTOR,
                        Origin.SYSTEM,
                        now()));
        phone.look(begun.id().value());
        return phone;
    }

    private static String link(RunningServer server, Person person) {
        Token token = server.get(Randomness.class).token();
        server.get(Database.class).write(() -> {
            server.get(Database.class)
                    .sql()
                    .sql("""
                            INSERT INTO mail_link (token_hash, environment_id, account_id, purpose, recipient, address,
                                                   browser, created_at, expires_at)
                            VALUES (?, ?, ?, ?, ?, '127.0.0.1', '', ?, ?)""")
                    .params(
                            token.hash(),
                            server.defaultEnvironment().id().value(),
                            person.account(),
                            MailLinks.Purpose.NEW_PASSWORD.name(),
                            person.username() + "@northwind.example",
                            now().toEpochMilli(),
                            now().plus(Duration.ofHours(3)).toEpochMilli())
                    .update();
        });
        return token.reveal();
    }

    private static String key(RunningServer server, Account owner) {
        ApiKeys.Creation creation = server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "program",
                                Scopes.parse(Scopes.allNames().stream()
                                                .filter(name -> !name.equals("operator"))
                                                .toList())
                                        .orElseThrow(),
                                now().plus(Duration.ofDays(30))),
                        new ApiKeys.Giver.CommandLine(),
                        ACTOR,
                        Origin.SYSTEM,
                        now());
        return ((ApiKeys.Creation.Created) creation).secret().reveal();
    }

    private static Instant now() {
        return Instant.now(CLOCK);
    }
}
