package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** The environments of this installation. Thread-safe. */
@Component
public final class Environments {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?");

    private final Database database;
    private final EnvironmentStore store;
    private final ActivityLog activity;
    private final Randomness randomness;

    Environments(Database database, EnvironmentStore store, ActivityLog activity, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.randomness = randomness;
    }

    /**
     * Keeps other changes that lock the environment waiting until the running transaction ends: so that two administrators
     * cannot remove each other at the same moment, and two halves of a circle of groups are not both put in.
     */
    public void lock(EnvironmentId environment) {
        database.requireTransaction();
        store.lock(environment);
    }

    /** The default environment, made when it is missing. */
    Environment requireDefault(String displayName, Instant now) {
        Optional<Environment> existing = store.findByName(Environment.DEFAULT_NAME);
        if (existing.isPresent()) {
            return existing.get();
        }
        return database.write(() -> {
            create(Environment.DEFAULT_NAME, Optional.empty(), displayName, Actor.SYSTEM, Origin.SYSTEM, now);
            return store.findByName(Environment.DEFAULT_NAME).orElseThrow();
        });
    }

    /**
     * Creates an environment.
     *
     * @return the new environment, or nothing when the name or the host is taken
     * @throws IllegalArgumentException when name or host has a shape that cannot be one
     */
    public Optional<Environment> create(
            String name, Optional<String> host, String displayName, Actor actor, Origin origin, Instant now) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("An environment's name is 1 to 40 characters of a-z, 0-9 and -.");
        }
        Optional<String> lowerHost = host.map(h -> h.toLowerCase(Locale.ROOT));
        if (lowerHost.filter(h -> !HOST.matcher(h).matches()).isPresent()) {
            throw new IllegalArgumentException("'" + lowerHost.get() + "' is not a host name.");
        }
        String shown = Accounts.displayName(displayName)
                .orElseThrow(() -> new IllegalArgumentException("What is shown of an environment is one line of 1 to "
                        + Accounts.LONGEST_NAME + " characters."));
        Environment environment = new Environment(
                new EnvironmentId(randomness.identifier()), name, lowerHost, shown, SignInStyle.TWO_SCREENS);
        return database.write(() -> {
            if (!store.insert(environment, now)) {
                return Optional.empty();
            }
            activity.record(
                    environment.id(), Optional.empty(), actor, origin, new ActivityEvent.EnvironmentCreated(name), now);
            return Optional.of(environment);
        });
    }

    /** The environment a request for {@code host} (without port) belongs to; {@code default} serves unclaimed hosts. */
    public Optional<Environment> findByHost(String host) {
        return store.findByHost(host.toLowerCase(Locale.ROOT));
    }

    public Optional<Environment> findByName(String name) {
        return store.findByName(name);
    }

    public Optional<Environment> find(EnvironmentId id) {
        return store.find(id);
    }

    public List<Environment> all() {
        return store.all();
    }

    /**
     * How long sessions may last.
     *
     * @param idle without use
     * @param longest in all
     */
    public record SessionLimits(Duration idle, Duration longest) {}

    /** The limits an administrator has set, if one has. */
    public Optional<SessionLimits> sessionLimits(EnvironmentId environment) {
        return store.findSessionLimits(environment);
    }

    /** Sets how long sessions of the environment last, those that exist included. */
    public void changeSessions(
            Environment environment, Duration idle, Duration longest, Actor actor, Origin origin, Instant now) {
        database.write(() -> {
            String before = store.findSessionLimits(environment.id())
                    .map(Environments::inWords)
                    .orElse("standard");
            SessionLimits after = new SessionLimits(idle, longest);
            store.updateSessionLimits(environment.id(), after);
            if (!before.equals(inWords(after))) {
                activity.record(
                        environment.id(),
                        Optional.empty(),
                        actor,
                        origin,
                        new ActivityEvent.SessionLimitsChanged(before, inWords(after)),
                        now);
            }
        });
    }

    private static String inWords(SessionLimits limits) {
        return limits.idle().toMinutes() + " min / " + limits.longest().toHours() + " h";
    }

    /** Sets how the steps of a sign-in are spread over screens. */
    public void changeStyle(Environment environment, SignInStyle style, Actor actor, Origin origin, Instant now) {
        if (environment.style() == style) {
            return;
        }
        database.write(() -> {
            store.updateStyle(environment.id(), style);
            activity.record(
                    environment.id(),
                    Optional.empty(),
                    actor,
                    origin,
                    new ActivityEvent.StyleChanged(environment.style().name(), style.name()),
                    now);
        });
    }
}
