package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.vault.Vault;
import java.time.Clock;
import java.util.List;

/** What {@code activity verify} says of a database, without starting the program for it. */
public final class ProvedLog {
    private ProvedLog() {}

    /** The log of every environment. */
    public static List<LogReport> of(Database database, Vault vault, Clock clock) {
        LogKeys keys = new LogKeys(database, vault, clock);
        LogProof proof = new LogProof(new SealStore(database), keys);
        return database
                .sql()
                .sql("SELECT id FROM environment")
                .query((row, _) -> new EnvironmentId(row.getString("id")))
                .list()
                .stream()
                .map(environment -> proof.verify(environment, keys.publicKey(), LogCopy.NONE, clock.instant()))
                .toList();
    }
}
