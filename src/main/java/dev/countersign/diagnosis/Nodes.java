package dev.countersign.diagnosis;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** The servers that run on this database: each says that it does, and with which of the settings that have to agree. Thread-safe. */
@Component
public final class Nodes {
    /** How long a server is taken to run after it last said so. */
    static final Duration SILENCE = Duration.ofMinutes(1);

    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Database database;
    private final NodeStore store;
    private final Settings settings;
    private final String id;

    Nodes(Database database, NodeStore store, Settings settings, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.settings = settings;
        this.id = randomness.identifier();
    }

    /** Says that this server runs. */
    public void beat(Instant now) {
        database.write(() -> {
            store.upsert(id, shared(), now);
            store.deleteSilentSince(now.minus(FORGOTTEN));
        });
    }

    /** Says that it runs no longer. */
    public void leave() {
        database.write(() -> store.delete(id));
    }

    private String shared() {
        Map<SettingKey, String> values = new TreeMap<>();
        values.put(SettingKey.BASE_URL, settings.baseUrl().map(URI::toString).orElse(""));
        values.put(SettingKey.NAME, settings.name());
        values.put(SettingKey.REQUESTS_PER_MINUTE, Integer.toString(settings.requestsPerMinute()));
        List<String> lines = new ArrayList<>();
        values.forEach((key, value) -> lines.add(key.configName() + ": " + value));
        return String.join("\n", lines);
    }

    /** The names of settings in which servers that run now do not agree; in order. */
    public Set<String> disagreements(Instant now) {
        Map<String, Set<String>> values = new TreeMap<>();
        for (String of : store.settingsSince(now.minus(SILENCE))) {
            of.lines().forEach(line -> {
                int colon = line.indexOf(": ");
                values.computeIfAbsent(line.substring(0, Math.max(0, colon)), _ -> new TreeSet<>())
                        .add(line.substring(colon + 1));
            });
        }
        values.values().removeIf(different -> different.size() < 2);
        return values.keySet();
    }
}
