package dev.countersign.keys;

import dev.countersign.store.Database;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Which running server has read which keys: no key seals before all have it, and none goes while one still seals with it. Thread-safe. */
@Component
final class KeyHolders {
    /** A server that has not been heard of for longer is not running; it reads the file when it starts. */
    static final Duration ALIVE = Duration.ofMinutes(1);

    private static final Duration SAID_AGAIN = Duration.ofSeconds(20);

    private final Database database;
    private final KeyHolderStore store;
    private final Vault vault;
    private final String node;
    private Optional<Said> said = Optional.empty();

    /** A running server. */
    record Holder(String node, List<String> keys, String primary) {}

    private record Said(String keys, String primary, Instant at) {}

    KeyHolders(Database database, KeyHolderStore store, Vault vault, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.vault = vault;
        this.node = randomness.identifier();
    }

    /** Says which keys this server has, when they have changed and else a few times a minute. */
    synchronized void say(Instant now) {
        List<KeyInfo> keys = vault.keysNow();
        String known = String.join(" ", keys.stream().map(KeyInfo::id).toList());
        String primary = primary(keys);
        boolean again = said.filter(last -> last.keys().equals(known)
                        && last.primary().equals(primary)
                        && now.isBefore(last.at().plus(SAID_AGAIN))
                        && !now.isBefore(last.at()))
                .isEmpty();
        if (again) {
            database.write(() -> {
                store.upsert(node, known, primary, now);
                store.deleteBefore(now.minus(Duration.ofHours(1)));
            });
            said = Optional.of(new Said(known, primary, now));
        }
    }

    /** This server stops. */
    synchronized void leave() {
        database.write(() -> store.delete(node));
    }

    /** The servers that are running. */
    List<Holder> alive(Instant now) {
        return store.seenSince(now.minus(ALIVE));
    }

    static String primary(List<KeyInfo> keys) {
        return keys.stream()
                .filter(key -> key.seals() && key.primary())
                .map(KeyInfo::id)
                .findFirst()
                .orElse("");
    }
}
