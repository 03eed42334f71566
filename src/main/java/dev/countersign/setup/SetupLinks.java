package dev.countersign.setup;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The one-time link that creates the first administrator. It exists only while there is none. Thread-safe. */
@Component
public final class SetupLinks {
    private static final Duration LIFE = Duration.ofHours(1);

    private final Database database;
    private final SetupStore store;
    private final Environments environments;
    private final Accounts accounts;
    private final Passwords passwords;
    private final ActivityLog activity;
    private final Randomness randomness;

    SetupLinks(
            Database database,
            SetupStore store,
            Environments environments,
            Accounts accounts,
            Passwords passwords,
            ActivityLog activity,
            Randomness randomness) {
        this.database = database;
        this.store = store;
        this.environments = environments;
        this.accounts = accounts;
        this.passwords = passwords;
        this.activity = activity;
        this.randomness = randomness;
    }

    /** A new link's token, in place of any former one; nothing when the environment has an administrator. */
    public Optional<Token> issue(Environment environment, Instant now) {
        Token token = randomness.token();
        Instant expiresAt = now.plus(LIFE);
        return database.write(() -> {
            environments.lock(environment.id());
            if (accounts.hasAdministrator(environment.id())) {
                return Optional.empty();
            }
            store.replace(environment.id(), token.hash(), expiresAt);
            activity.record(
                    environment.id(),
                    Optional.empty(),
                    Actor.SYSTEM,
                    Origin.SYSTEM,
                    new ActivityEvent.SetupLinkIssued(expiresAt),
                    now);
            return Optional.of(token);
        });
    }

    boolean isOpen(Environment environment, Token token, Instant now) {
        return store.exists(environment.id(), token.hash(), now) && !accounts.hasAdministrator(environment.id());
    }

    /** What became of an attempt to create the first administrator. */
    sealed interface Outcome {
        record Created(dev.countersign.directory.Account account) implements Outcome {}

        record Refused(Accounts.Problem problem) implements Outcome {}

        record Closed() implements Outcome {}
    }

    /** Uses the link up and creates the administrator, both or neither; of two at once, one wins. */
    Outcome createAdministrator(
            Environment environment,
            Token token,
            NewAccount typed,
            Passwords.Prepared password,
            Origin origin,
            Instant now) {
        try {
            return database.write(() -> create(environment, token, typed, password, origin, now));
        } catch (NotCreated e) {
            return new Outcome.Refused(e.problem);
        }
    }

    private Outcome create(
            Environment environment,
            Token token,
            NewAccount typed,
            Passwords.Prepared password,
            Origin origin,
            Instant now) {
        // Two servers that start at the same moment may each have shown a link.
        environments.lock(environment.id());
        boolean open =
                !accounts.hasAdministrator(environment.id()) && store.consume(environment.id(), token.hash(), now);
        if (!open) {
            return new Outcome.Closed();
        }
        Actor actor = new Actor(Optional.empty(), "set-up link");
        return switch (accounts.create(environment.id(), typed, actor, origin, now)) {
            case Accounts.Creation.Refused(Accounts.Problem problem) -> throw new NotCreated(problem);
            case Accounts.Creation.Created(var account) -> {
                passwords.set(account, password, Optional.empty(), actor, origin, now);
                yield new Outcome.Created(account);
            }
        };
    }

    /** Undoes the use of the link when what was typed cannot be an account. */
    private static final class NotCreated extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final Accounts.Problem problem;

        NotCreated(Accounts.Problem problem) {
            super("the account was refused", null, false, false);
            this.problem = problem;
        }
    }
}
