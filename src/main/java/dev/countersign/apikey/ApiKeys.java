package dev.countersign.apikey;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.entitlement.Verdict;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Texts;
import dev.countersign.signal.KeptByKey;
import dev.countersign.signal.Signal;
import dev.countersign.signal.Signals;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The API keys of all environments: made, found by what a program presents, revoked. Thread-safe. */
@Component
public final class ApiKeys {
    /** What every key begins with, so that scanners for leaked secrets recognise one. */
    public static final String MARK = "csk_";

    public static final Duration LONGEST_LIFE = Duration.ofDays(400);
    private static final Duration SEEN_EVERY = Duration.ofMinutes(1);
    private static final int PREFIX_LENGTH = 6;
    private static final int LONGEST_NAME = 100;
    private static final int MOST_LIVE = 1_000;
    /** How many keys, with their owners, are kept in memory. */
    private static final int MOST_KEPT = 1_000;

    private final Database database;
    private final ApiKeyStore store;
    private final Accounts accounts;
    private final Entitlements entitlements;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final KeptByKey<Presented, Found> kept;

    ApiKeys(
            Database database,
            ApiKeyStore store,
            Accounts accounts,
            Entitlements entitlements,
            ActivityLog activity,
            Randomness randomness,
            Signals signals) {
        this.database = database;
        this.store = store;
        this.accounts = accounts;
        this.entitlements = entitlements;
        this.activity = activity;
        this.randomness = randomness;
        this.kept = new KeptByKey<>(MOST_KEPT, signals, (signal, found) -> found.isConcernedBy(signal));
    }

    /**
     * What is wanted.
     *
     * @param owner whose rights the key can have at most, now and later
     */
    public record Wish(Account owner, String name, Scopes scopes, Instant expiresAt) {}

    /** Who hands a key out. */
    public sealed interface Giver {
        /** The owner of the server, at its command line. */
        record CommandLine() implements Giver {}

        /** Someone with these rights; they cannot give more than they have. */
        record Person(Rights rights) implements Giver {}
    }

    /** A new key, or why there is none. */
    public sealed interface Creation {
        /** {@code secret} is shown once and stored nowhere. */
        record Created(ApiKey key, SecretText secret) implements Creation {}

        record Refused(Problem problem) implements Creation {}

        record NotEntitled(Verdict.Refused why) implements Creation {}
    }

    /** What is wrong with a {@link Wish}. */
    public enum Problem {
        NAME_INVALID,
        NO_SCOPES,
        /** The giver or the owner may not do that themselves. */
        SCOPE_BEYOND_RIGHTS,
        /** Only the command line hands out the operator's scope. */
        SCOPE_OF_OPERATOR,
        EXPIRY_INVALID,
        OWNER_DISABLED,
        TOO_MANY
    }

    public Creation create(Wish wish, Giver giver, Actor actor, Origin origin, Instant now) {
        Optional<Problem> problem = problem(wish, giver, now);
        if (problem.isPresent()) {
            return new Creation.Refused(problem.get());
        }
        EnvironmentId environment = wish.owner().environment();
        if (entitlements.allows(environment, Feature.API, 0, now) instanceof Verdict.Refused why) {
            return new Creation.NotEntitled(why);
        }
        Token token = randomness.token();
        ApiKey key = new ApiKey(
                new ApiKeyId(randomness.identifier()),
                environment,
                normal(wish.name()),
                MARK + token.reveal().substring(0, PREFIX_LENGTH),
                wish.owner().id(),
                wish.scopes(),
                now,
                wish.expiresAt(),
                Optional.empty(),
                Optional.empty());
        database.write(() -> {
            store.insert(key, token.hash());
            log(
                    key,
                    actor,
                    origin,
                    new ActivityEvent.ApiKeyCreated(
                            key.name(),
                            key.prefix(),
                            String.join(" ", key.scopes().names()),
                            key.expiresAt()),
                    now);
        });
        return new Creation.Created(key, SecretText.of(MARK + token.reveal()));
    }

    private Optional<Problem> problem(Wish wish, Giver giver, Instant now) {
        String name = normal(wish.name());
        Set<Permission> scopes = wish.scopes().permissions();
        boolean isPerson = giver instanceof Giver.Person;
        if (name.isEmpty() || name.length() > LONGEST_NAME || !Texts.isPlain(name)) {
            return Optional.of(Problem.NAME_INVALID);
        }
        if (wish.scopes().isEmpty()) {
            return Optional.of(Problem.NO_SCOPES);
        }
        if (isPerson && wish.scopes().reach() == Scopes.Reach.OPERATOR) {
            return Optional.of(Problem.SCOPE_OF_OPERATOR);
        }
        Rights wanted = new Rights(scopes);
        if (!accounts.rights(wish.owner()).cover(wanted)
                || (giver instanceof Giver.Person(Rights rights) && !rights.cover(wanted))) {
            return Optional.of(Problem.SCOPE_BEYOND_RIGHTS);
        }
        if (!wish.expiresAt().isAfter(now) || wish.expiresAt().isAfter(now.plus(LONGEST_LIFE))) {
            return Optional.of(Problem.EXPIRY_INVALID);
        }
        if (wish.owner().isDisabled()) {
            return Optional.of(Problem.OWNER_DISABLED);
        }
        boolean full = store.countLive(wish.owner().environment(), now) >= MOST_LIVE;
        return full ? Optional.of(Problem.TOO_MANY) : Optional.empty();
    }

    /**
     * A key in use.
     *
     * @param rights what it may do now: its scopes, as far as its owner may still do that
     */
    public record InUse(ApiKey key, Account owner, Rights rights, Rights ofOwner) {
        /** Who did something with this key. */
        public Actor actor() {
            return Actor.person(owner.id(), owner.username() + " (API key " + key.name() + ")");
        }

        /** Whether it acts for the operator: its owner is still an administrator. */
        public boolean isOperator() {
            return key.scopes().reach() == Scopes.Reach.OPERATOR && ofOwner.cover(Role.ADMINISTRATOR);
        }
    }

    /** What a program shows, and where. */
    private record Presented(EnvironmentId environment, String tokenHash) {}

    /** A key, whoever owns it, and what they may do. */
    private record Found(ApiKey key, Account owner, Rights ofOwner) {
        boolean isConcernedBy(Signal signal) {
            return switch (signal) {
                case Signal.OfSession _ -> false;
                case Signal.OfAccount(var _, AccountId account) -> account.equals(key.owner());
                case Signal.OfEnvironment(EnvironmentId environment) -> environment.equals(key.environment());
                case Signal.OfEverything() -> true;
            };
        }
    }

    /** The live key a program presents, with what it may do now; notes its use about once a minute. */
    public Optional<InUse> find(EnvironmentId environment, String presented, String address, Instant now) {
        if (!presented.startsWith(MARK)) {
            return Optional.empty();
        }
        return Token.parse(presented.substring(MARK.length()))
                .map(token -> new Presented(environment, token.hash()))
                .flatMap(shown -> kept.find(shown, () -> read(shown))
                        .filter(found ->
                                found.key().isLive(now) && !found.owner().isDisabled())
                        .map(found -> used(shown, found, address, now)));
    }

    private Optional<Found> read(Presented shown) {
        return store.findByHash(shown.environment(), shown.tokenHash())
                .flatMap(key -> accounts.find(key.owner()).map(owner -> new Found(key, owner, accounts.rights(owner))));
    }

    private InUse used(Presented shown, Found found, String address, Instant now) {
        ApiKey key = found.key();
        boolean due = key.lastUse()
                .filter(last -> Duration.between(last.at(), now).compareTo(SEEN_EVERY) < 0)
                .isEmpty();
        if (due) {
            database.write(() -> store.updateUsed(key.id(), now, address));
            kept.forget(shown);
        }
        return new InUse(
                key, found.owner(), new Rights(key.scopes().permissions()).and(found.ofOwner()), found.ofOwner());
    }

    public Optional<ApiKey> find(EnvironmentId environment, ApiKeyId id) {
        return store.find(environment, id);
    }

    /** Keys in the order of their identifiers, also revoked and outlived ones. */
    public List<ApiKey> list(EnvironmentId environment, Optional<ApiKeyId> after, int limit) {
        return store.list(environment, after.map(ApiKeyId::value).orElse(""), limit);
    }

    /** Those of an account that work, by name. A changed password ends none of them. */
    public List<ApiKey> liveOf(AccountId owner, Instant now) {
        return store.liveOf(owner, now);
    }

    /** Makes a key useless at once; false when there is no such key, or it was revoked before. */
    public boolean revoke(EnvironmentId environment, ApiKeyId id, Actor actor, Origin origin, Instant now) {
        Optional<ApiKey> key = store.find(environment, id);
        return key.isPresent()
                && database.write(() -> {
                    boolean revoked = store.revoke(environment, id, now);
                    if (revoked) {
                        ActivityEvent event = new ActivityEvent.ApiKeyRevoked(
                                key.get().name(), key.get().prefix());
                        log(key.get(), actor, origin, event, now);
                    }
                    return revoked;
                });
    }

    private static String normal(String name) {
        return Normalizer.normalize(name.strip(), Normalizer.Form.NFC);
    }

    private void log(ApiKey key, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(key.environment(), Optional.of(key.owner()), actor, origin, event, now);
    }
}
