package dev.countersign.keys;

import dev.countersign.store.Database;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Counts, opens and seals anew every value there is, while servers run. How far sealing anew has come is written nowhere but in the
 * values themselves, so that it can end at any moment and go on at any other. Thread-safe.
 */
@Component
public final class SealedValues {
    /** Values of one transaction: a few milliseconds. */
    private static final int PORTION = 100;

    private static final int PREFIX_BYTES = 6;
    private static final int MOST_NAMED = 100;

    private final Database database;
    private final SealedStore store;
    private final Vault vault;

    SealedValues(Database database, SealedStore store, Vault vault) {
        this.database = database;
        this.store = store;
        this.vault = vault;
    }

    /** How far it has come in one column. */
    public record Progress(String column, long sealedAnew, long unopened) {}

    /**
     * What became of a walk through all values.
     *
     * @param unopened rows that do not open, by name; the first hundred
     */
    public record Walked(long values, long changed, long unopenedCount, List<String> unopened) {}

    /**
     * How many values there are.
     *
     * @param byKey sealed with each key
     * @param formerWay of these, without owner and version
     * @param open not sealed at all, as earlier versions wrote them
     * @param hashesByKey hashes that need a key to be checked
     */
    public record Counted(
            Map<String, Long> byKey,
            Map<String, Map<String, Long>> byColumn,
            long formerWay,
            long open,
            Map<String, Long> hashesByKey) {}

    /** Seals with the newest key what is not. */
    public Walked sealAnew(Consumer<Progress> progress) {
        Walk walk = new Walk();
        for (SealedColumn column : SealedColumns.ALL) {
            String row = "";
            List<SealedStore.Value> portion = store.otherThan(column, vault.prefix(), row, PORTION);
            while (!portion.isEmpty()) {
                sealAnew(column, portion, walk);
                row = portion.getLast().row();
                progress.accept(new Progress(column.name(), walk.changed, walk.unopened));
                portion = store.otherThan(column, vault.prefix(), row, PORTION);
            }
        }
        return walk.result();
    }

    /** Opening and sealing happens before the transaction, which is all the shorter. */
    private void sealAnew(SealedColumn column, List<SealedStore.Value> portion, Walk walk) {
        List<Runnable> updates = new ArrayList<>();
        int[] changed = new int[1];
        for (SealedStore.Value value : portion) {
            Optional<SecretBytes> plain = open(column, value);
            if (plain.isEmpty()) {
                walk.unopened(column, value);
                vault.noteUnopened(place(column, value));
                continue;
            }
            byte[] sealedAnew = vault.seal(plain.get(), place(column, value));
            Optional<String> hash = column.rehash()
                    .map(purpose -> HexFormat.of()
                            .formatHex(vault.keyedHash(purpose, plain.get().reveal())));
            updates.add(() -> changed[0] += store.replace(column, value, sealedAnew, hash) ? 1 : 0);
        }
        database.write(() -> {
            changed[0] = 0;
            updates.forEach(Runnable::run);
        });
        walk.values += portion.size();
        walk.changed += changed[0];
    }

    /** Opens every value and compares what lies open beside a seal; changes nothing. */
    public Walked openAll() {
        Walk walk = new Walk();
        for (SealedColumn column : SealedColumns.ALL) {
            List<SealedStore.Value> portion = store.after(column, "", PORTION);
            while (!portion.isEmpty()) {
                for (SealedStore.Value value : portion) {
                    walk.values++;
                    if (open(column, value).isEmpty()) {
                        walk.unopened(column, value);
                    }
                }
                portion = store.after(column, portion.getLast().row(), PORTION);
            }
        }
        return walk.result();
    }

    private Optional<SecretBytes> open(SealedColumn column, SealedStore.Value value) {
        if (value.sealed().isEmpty()) {
            return vault.acceptsUnbound() ? Optional.of(bytes(value.open())) : Optional.empty();
        }
        try {
            SecretBytes plain = vault.openQuietly(value.sealed().get(), place(column, value));
            boolean confirms =
                    column.open().isEmpty() || column.closes() || plain.equalsSecretBytes(bytes(value.open()));
            return confirms ? Optional.of(plain) : Optional.empty();
        } catch (Vault.NotOurs e) {
            return Optional.empty();
        }
    }

    private static SecretBytes bytes(String text) {
        return SecretBytes.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Place place(SealedColumn column, SealedStore.Value value) {
        return new Place(column.table(), column.column(), value.row()).of(value.owner(), value.version());
    }

    /** Counts by key, from what each value begins with; nothing is opened. */
    public Counted count() {
        Map<String, Long> byKey = new TreeMap<>();
        Map<String, Map<String, Long>> byColumn = new TreeMap<>();
        long[] others = new long[2];
        for (SealedColumn column : SealedColumns.ALL) {
            store.countByPrefix(column, PREFIX_BYTES).forEach((prefix, many) -> {
                byte[] bytes = new byte[prefix.size()];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = prefix.get(i);
                }
                String key = Vault.keyOf(bytes).orElse("");
                others[0] += !prefix.isEmpty() && !Vault.isBound(bytes) ? many : 0;
                others[1] += prefix.isEmpty() ? many : 0;
                if (!prefix.isEmpty()) {
                    byKey.merge(key, many, Long::sum);
                    byColumn.computeIfAbsent(column.name(), _ -> new TreeMap<>())
                            .merge(key, many, Long::sum);
                }
            });
        }
        return new Counted(byKey, byColumn, others[0], others[1], hashesByKey());
    }

    private Map<String, Long> hashesByKey() {
        Map<String, Long> hashes = new TreeMap<>();
        String former = vault.keys().stream()
                .filter(key -> key.hashes() && key.madeAt().isEmpty())
                .map(KeyInfo::id)
                .findFirst()
                .orElse("");
        SealedColumns.HASHES.forEach((name, change) -> {
            if (change == SealedColumns.Change.CHECKED_WITH_ITS_KEY) {
                String[] parts = name.split("\\.", 2);
                store.countByHashKey(parts[0], parts[1])
                        .forEach((key, many) -> hashes.merge(key.isEmpty() ? former : key, many, Long::sum));
            }
        });
        return hashes;
    }

    /** What is counted on the way. */
    private static final class Walk {
        private long values;
        private long changed;
        private long unopened;
        private final List<String> names = new ArrayList<>();

        void unopened(SealedColumn column, SealedStore.Value value) {
            unopened++;
            if (names.size() < MOST_NAMED) {
                names.add(column.name() + " of row " + value.row());
            }
        }

        Walked result() {
            return new Walked(values, changed, unopened, List.copyOf(names));
        }
    }
}
