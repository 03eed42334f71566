package dev.countersign.alert;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Raises alerts and remembers who has acknowledged them. Thread-safe. */
@Component
public final class Alerts {
    private final Database database;
    private final AlertStore store;
    private final Randomness randomness;

    Alerts(Database database, AlertStore store, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.randomness = randomness;
    }

    /** Raises an alert in the running transaction: what it is about and the alert exist together or not at all. */
    public Alert raise(EnvironmentId environment, Alert.Kind kind, List<String> arguments, Instant now) {
        database.requireTransaction();
        Alert alert = new Alert(randomness.identifier(), kind, arguments, now);
        store.insert(environment, alert);
        return alert;
    }

    /** The newest alerts this account has not acknowledged, newest first. */
    public List<Alert> unacknowledged(EnvironmentId environment, AccountId account, int limit) {
        return store.unacknowledged(environment, account, limit);
    }

    /** How many alerts this account has not acknowledged. */
    public long countUnacknowledged(EnvironmentId environment, AccountId account) {
        return store.countUnacknowledged(environment, account);
    }

    /** The account has seen this alert; nothing happens when there is none or it has been seen already. */
    public void acknowledge(EnvironmentId environment, AccountId account, String alertId, Instant now) {
        database.write(() -> store.acknowledge(environment, account, alertId, now));
    }

    /** The account has seen all alerts there are. */
    public void acknowledgeAll(EnvironmentId environment, AccountId account, Instant now) {
        database.write(() -> store.acknowledgeAll(environment, account, now));
    }
}
