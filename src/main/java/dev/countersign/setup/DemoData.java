package dev.countersign.setup;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Example people for a demo. Their password is drawn anew each time: there is no default one. */
@Component
public final class DemoData {
    private static final Actor ACTOR = new Actor(Optional.empty(), "demo");
    private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz123456789";
    private static final List<Example> PEOPLE = List.of(
            new Example("ada", "Ada Berg", Role.ADMINISTRATOR, List.of(), "the console, everything in it"),
            new Example("selma", "Selma Ortiz", Role.SECURITY_ADMINISTRATOR, List.of(), "changing the requirement"),
            new Example("henk", "Henk de Vries", Role.HELP_DESK, List.of("Support"), "resetting people"),
            new Example("agnes", "Agnès Laurent", Role.AUDITOR, List.of(), "looking, not touching"),
            new Example("bea", "Bea Lindner", Role.USER, List.of("Sales"), "first sign-in with a QR code"),
            new Example("carl", "Carl Nilsson", Role.USER, List.of("Sales"), "My account, in four languages"),
            new Example("dora", "Dora Mills", Role.USER, List.of("Support"), "not in Sales: goes on as before"));

    private final Database database;
    private final Accounts accounts;
    private final Groups groups;
    private final Passwords passwords;
    private final Randomness randomness;
    private final Clock clock;

    DemoData(
            Database database,
            Accounts accounts,
            Groups groups,
            Passwords passwords,
            Randomness randomness,
            Clock clock) {
        this.database = database;
        this.accounts = accounts;
        this.groups = groups;
        this.passwords = passwords;
        this.randomness = randomness;
        this.clock = clock;
    }

    private record Example(String username, String displayName, Role role, List<String> groups, String note) {}

    /** A person as printed. */
    public record Person(String username, String displayName, String role, String note) {}

    /** What was made. */
    public record Made(String password, List<Person> people) {}

    /** Creates the example people and groups. */
    public Made create(Environment environment) {
        Instant now = clock.instant();
        SecretText password = SecretText.of(word() + "-" + word() + "-" + word());
        Passwords.Prepared prepared = passwords.prepare(password).orElseThrow();
        database.write(() -> PEOPLE.forEach(example -> create(environment, example, prepared, now)));
        return new Made(
                password.reveal(),
                PEOPLE.stream()
                        .map(example -> new Person(
                                example.username(),
                                example.displayName(),
                                example.role().wireName(),
                                example.note()))
                        .toList());
    }

    private void create(Environment environment, Example example, Passwords.Prepared password, Instant now) {
        NewAccount typed = new NewAccount(
                example.username(), example.displayName(), example.username() + "@northwind.example", example.role());
        if (!(accounts.create(environment.id(), typed, ACTOR, Origin.SYSTEM, now)
                instanceof Accounts.Creation.Created(Account account))) {
            throw new IllegalStateException("the example " + example.username() + " was refused");
        }
        passwords.set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, now);
        example.groups().forEach(name -> groups.add(group(environment, name, now), account, ACTOR, Origin.SYSTEM, now));
    }

    private Group group(Environment environment, String name, Instant now) {
        return groups.findByName(environment.id(), name)
                .or(() -> Username.parseGroupName(name) instanceof Username.Parsed.Accepted(Username parsed)
                        ? groups.create(environment.id(), parsed, ACTOR, Origin.SYSTEM, now)
                        : Optional.empty())
                .orElseThrow();
    }

    private String word() {
        return randomness.text(LETTERS, 4).reveal();
    }
}
