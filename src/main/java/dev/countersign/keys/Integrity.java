package dev.countersign.keys;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Place;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Says in the log, and so to administrators, which values did not open: each once an hour, however often it is tried. Whatever
 * was to be opened has been refused already. Thread-safe.
 */
@Component
public final class Integrity {
    private static final Logger LOG = LoggerFactory.getLogger(Integrity.class);
    private static final Duration SAID_AGAIN = Duration.ofHours(1);
    private static final int MOST_REMEMBERED = 10_000;

    private final Database database;
    private final Vault vault;
    private final SealedStore store;
    private final Accounts accounts;
    private final Environments environments;
    private final ActivityLog activity;
    private final Map<String, Instant> said = new LinkedHashMap<>();

    Integrity(
            Database database,
            Vault vault,
            SealedStore store,
            Accounts accounts,
            Environments environments,
            ActivityLog activity) {
        this.database = database;
        this.vault = vault;
        this.store = store;
        this.accounts = accounts;
        this.environments = environments;
        this.activity = activity;
    }

    /** Logs what did not open since this was called last. */
    public synchronized void tell(Instant now) {
        for (Place place : vault.takeUnopened()) {
            String name = place.table() + "." + place.column() + "/" + place.row();
            Instant before = said.get(name);
            if (before == null || now.isAfter(before.plus(SAID_AGAIN)) || now.isBefore(before)) {
                tell(place, now);
                remember(name, now);
            }
        }
    }

    private void remember(String name, Instant now) {
        if (said.size() >= MOST_REMEMBERED) {
            said.remove(said.keySet().iterator().next());
        }
        said.put(name, now);
    }

    private void tell(Place place, Instant now) {
        LOG.error("integrity: {}.{} of row {} does not open", place.table(), place.column(), place.row());
        Optional<SealedStore.Whose> whose =
                SealedColumns.of(place.table(), place.column()).flatMap(column -> store.whose(column, place.row()));
        Optional<AccountId> account = whose.filter(found -> !found.account().isEmpty())
                .map(found -> new AccountId(found.account()))
                .filter(id -> accounts.find(id).isPresent());
        Optional<EnvironmentId> environment = whose.filter(
                        found -> !found.environment().isEmpty())
                .map(found -> new EnvironmentId(found.environment()))
                .or(() -> environments.findByName(Environment.DEFAULT_NAME).map(Environment::id));
        ActivityEvent event = new ActivityEvent.IntegrityBroken(place.table(), place.column(), place.row());
        environment.ifPresent(where ->
                database.write(() -> activity.record(where, account, Actor.SYSTEM, Origin.SYSTEM, event, now)));
    }
}
