package dev.countersign.node;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.store.Database;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Vault;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/**
 * The servers that run on this database. Each says that it does, with which of the settings that have to agree, and which keys
 * it has read: no key seals before all have it, and none goes while one still seals with it. Thread-safe.
 */
@Component
public final class Nodes {
    /** How long a server is taken to run after it last said so. */
    public static final Duration SILENCE = Duration.ofMinutes(1);

    private static final Duration SAID_AGAIN = Duration.ofSeconds(10);
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Database database;
    private final NodeStore store;
    private final String shared;
    private final Vault vault;
    private final String id;
    private Optional<Said> said = Optional.empty();
    private volatile Optional<String> fault = Optional.empty();

    /**
     * What a server says of itself.
     *
     * @param settings those that have to be the same on all, one a line
     * @param keys the ids of those it has read
     * @param primaryKey the id of the one it seals with; empty when it has none
     */
    public record Facts(String settings, List<String> keys, String primaryKey) {
        public Facts {
            keys = List.copyOf(keys);
        }
    }

    /** A running server. */
    public record Node(String id, Facts facts) {}

    private record Said(Facts facts, Instant at) {
        /** A clock that went back says nothing of how long ago it was. */
        boolean isRecent(Instant now) {
            return !now.isBefore(at) && now.isBefore(at.plus(SAID_AGAIN));
        }
    }

    Nodes(Database database, NodeStore store, Settings settings, Vault vault, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.shared = shared(settings);
        this.vault = vault;
        this.id = randomness.identifier();
    }

    /** Says that this server runs: at once when something about it has changed, else a few times a minute. */
    public synchronized void say(Instant now) {
        Facts facts = facts();
        if (said.filter(last -> last.facts().equals(facts) && last.isRecent(now))
                .isPresent()) {
            return;
        }
        said = Optional.empty();
        try {
            database.write(() -> {
                store.upsert(id, facts, now);
                store.deleteSilentSince(now.minus(FORGOTTEN));
            });
        } catch (RuntimeException e) {
            fault = Optional.of("Nothing can be written to the database: " + e.getMessage());
            throw e;
        }
        said = Optional.of(new Said(facts, now));
        fault = Optional.empty();
    }

    /** Why this server could not say that it runs when it tried last, if so: then it cannot write anything else either. */
    public Optional<String> fault() {
        return fault;
    }

    /** Says that it runs no longer. */
    public synchronized void leave() {
        database.write(() -> store.delete(id));
    }

    private Facts facts() {
        List<KeyInfo> keys = vault.keysNow();
        return new Facts(shared, keys.stream().map(KeyInfo::id).toList(), KeyInfo.primaryOf(keys));
    }

    private static String shared(Settings settings) {
        Map<SettingKey, String> values = new TreeMap<>();
        values.put(SettingKey.BASE_URL, settings.baseUrl().map(URI::toString).orElse(""));
        values.put(SettingKey.NAME, settings.name());
        values.put(SettingKey.REQUESTS_PER_MINUTE, Integer.toString(settings.requestsPerMinute()));
        List<String> lines = new ArrayList<>();
        values.forEach((key, value) -> lines.add(key.configName() + ": " + value));
        return String.join("\n", lines);
    }

    /** The servers that run now. */
    public List<Node> alive(Instant now) {
        return store.seenSince(now.minus(SILENCE));
    }

    /** The names of settings in which servers that run now do not agree; in order. */
    public Set<String> disagreements(Instant now) {
        Map<String, Set<String>> values = new TreeMap<>();
        for (Node node : alive(now)) {
            node.facts().settings().lines().forEach(line -> {
                int colon = line.indexOf(": ");
                values.computeIfAbsent(line.substring(0, Math.max(0, colon)), _ -> new TreeSet<>())
                        .add(line.substring(colon + 1));
            });
        }
        values.values().removeIf(different -> different.size() < 2);
        return values.keySet();
    }
}
