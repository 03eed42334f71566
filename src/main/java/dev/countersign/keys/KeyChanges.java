package dev.countersign.keys;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Origin;
import dev.countersign.node.Nodes;
import dev.countersign.store.Database;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Vault;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.springframework.stereotype.Component;

/**
 * Adds keys, seals everything with the newest, and retires what nothing needs any more, while servers run. Each step can be
 * interrupted and done again. Thread-safe.
 */
@Component
public final class KeyChanges {
    /** Hashes that are over within a day; see {@link SealedColumns.Change}. */
    private static final Duration HASHES_LIVE = Duration.ofDays(1);

    private static final long ASKED_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int MOST_WALKS = 5;

    private final Database database;
    private final Vault vault;
    private final SealedValues values;
    private final Nodes nodes;
    private final Environments environments;
    private final ActivityLog activity;
    private final Clock clock;
    private final Path file;

    KeyChanges(
            Database database,
            Vault vault,
            SealedValues values,
            Nodes nodes,
            Environments environments,
            ActivityLog activity,
            Clock clock,
            Settings settings) {
        this.database = database;
        this.vault = vault;
        this.values = values;
        this.nodes = nodes;
        this.environments = environments;
        this.activity = activity;
        this.clock = clock;
        this.file = settings.keyFile();
    }

    /** A key, with what needs it. */
    public record Kept(KeyInfo key, long values, long hashes, List<String> sealingServers) {}

    /** The keys and everything that depends on them. */
    public record State(List<Kept> keys, long formerWay, long open, Map<String, Map<String, Long>> columns) {}

    /** What came of changing keys. */
    public sealed interface Changed {
        /** @param behind servers that seal with an older key yet: their key file is another */
        record Rotated(String key, SealedValues.Walked walked, List<String> behind) implements Changed {}

        /** Some servers that run do not have the key. Nothing was sealed with it. */
        record NotEverywhere(String key, List<String> without) implements Changed {}

        /** @param hashes that still need the key, which stays in the file for them */
        record Retired(String key, long hashes) implements Changed {}

        record NoSuchKey() implements Changed {}

        /** New values are sealed with this key. */
        record IsPrimary() implements Changed {}

        record StillNeeded(long values, List<String> sealingServers) implements Changed {}
    }

    /** The keys as they are. */
    public State state() {
        SealedValues.Counted counted = values.count();
        List<Nodes.Node> alive = nodes.alive(clock.instant());
        List<Kept> keys = vault.keysNow().stream()
                .map(key -> new Kept(
                        key,
                        counted.byKey().getOrDefault(key.id(), 0L),
                        counted.hashesByKey().getOrDefault(key.id(), 0L),
                        servers(alive, node -> node.facts().primaryKey().equals(key.id()))))
                .toList();
        return new State(keys, counted.formerWay(), counted.open(), new TreeMap<>(counted.byColumn()));
    }

    /** Adds a key that seals nothing yet; its id. */
    public String add(Actor actor, Origin origin) {
        String key = KeyFile.add(file, clock.instant());
        log(new ActivityEvent.KeyAdded(key), actor, origin);
        return key;
    }

    /**
     * Seals everything with the newest key: one that was added, or whose rotation was interrupted, else a new one.
     *
     * @param patience how long servers may take to read a changed file
     * @param confirmed whether whoever asks says that every server has the key
     */
    public Changed rotate(
            Duration patience,
            boolean confirmed,
            Consumer<SealedValues.Progress> progress,
            Actor actor,
            Origin origin) {
        String key = newest().orElseGet(() -> add(actor, origin));
        if (!isPrimary(key)) {
            List<String> without = confirmed
                    ? List.of()
                    : waitFor(patience, node -> !node.facts().keys().contains(key));
            if (!without.isEmpty()) {
                return new Changed.NotEverywhere(key, without);
            }
            KeyFile.promote(file, key, clock.instant());
            log(new ActivityEvent.KeyInUse(key), actor, origin);
        }
        List<String> behind =
                waitFor(patience, node -> !node.facts().primaryKey().equals(key));
        vault.keysNow();
        return new Changed.Rotated(key, sealAnew(progress), behind);
    }

    /** Servers seal meanwhile; what they sealed before they had read the file is found by the next walk. */
    private SealedValues.Walked sealAnew(Consumer<SealedValues.Progress> progress) {
        SealedValues.Walked walked = values.sealAnew(progress);
        long changed = walked.changed();
        for (int walk = 1; walk < MOST_WALKS && walked.changed() > 0; walk++) {
            walked = values.sealAnew(progress);
            changed += walked.changed();
        }
        return new SealedValues.Walked(walked.values(), changed, walked.unopenedCount(), walked.unopened());
    }

    /** The key that was begun with: added and not in use yet, or in use with something left to seal. */
    private Optional<String> newest() {
        KeyInfo newest = vault.keysNow().getLast();
        boolean begun = newest.madeAt().isPresent() && newest.seals() && (!newest.primary() || isUnfinished(newest));
        return begun ? Optional.of(newest.id()) : Optional.empty();
    }

    private boolean isUnfinished(KeyInfo key) {
        SealedValues.Counted counted = values.count();
        return counted.formerWay() > 0
                || counted.open() > 0
                || counted.byKey().keySet().stream().anyMatch(other -> !other.equals(key.id()));
    }

    private boolean isPrimary(String key) {
        return KeyInfo.primaryOf(vault.keysNow()).equals(key);
    }

    /** Asks until no running server is like that, or patience ends; those that still are. */
    private List<String> waitFor(Duration patience, Predicate<Nodes.Node> like) {
        Instant end = clock.instant().plus(patience);
        List<String> found = servers(nodes.alive(clock.instant()), like);
        while (!found.isEmpty() && clock.instant().isBefore(end)) {
            LockSupport.parkNanos(ASKED_AGAIN_NANOS);
            found = servers(nodes.alive(clock.instant()), like);
        }
        return found;
    }

    private static List<String> servers(List<Nodes.Node> alive, Predicate<Nodes.Node> like) {
        return alive.stream().filter(like).map(Nodes.Node::id).toList();
    }

    /** Removes a key nothing is sealed with. While hashes need it, it stays for them alone. */
    public Changed retire(String key, Actor actor, Origin origin) {
        Optional<Kept> found = state().keys().stream()
                .filter(kept -> kept.key().id().equals(key))
                .findFirst();
        if (found.isEmpty()) {
            return new Changed.NoSuchKey();
        }
        Kept kept = found.get();
        if (kept.key().primary()) {
            return new Changed.IsPrimary();
        }
        if (kept.values() > 0 || !kept.sealingServers().isEmpty()) {
            return new Changed.StillNeeded(kept.values(), kept.sealingServers());
        }
        boolean hashesGo = kept.hashes() == 0 && isOverForHashes(clock.instant());
        KeyFile.remove(file, key, true, hashesGo);
        vault.keysNow();
        log(new ActivityEvent.KeyRetired(key), actor, origin);
        return new Changed.Retired(key, kept.key().hashes() && !hashesGo ? Math.max(1, kept.hashes()) : 0);
    }

    /** Whether a day has passed since the key came that new hashes are made with. */
    private boolean isOverForHashes(Instant now) {
        return vault.keysNow().stream()
                .filter(key -> key.hashes() && key.primary())
                .flatMap(key -> key.primarySince().stream())
                .anyMatch(since -> since.plus(HASHES_LIVE).isBefore(now));
    }

    private void log(ActivityEvent event, Actor actor, Origin origin) {
        environments
                .findByName(Environment.DEFAULT_NAME)
                .ifPresent(where -> database.write(
                        () -> activity.record(where.id(), Optional.empty(), actor, origin, event, clock.instant())));
    }
}
