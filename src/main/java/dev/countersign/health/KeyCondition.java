package dev.countersign.health;

import dev.countersign.directory.Installation;
import dev.countersign.store.Database;
import dev.countersign.vault.Vault;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The key file can be read, and its keys open what this installation sealed. */
@Component
final class KeyCondition implements Condition {
    private final Installation installation;

    KeyCondition(Database database, Vault vault) {
        this.installation = new Installation(database, vault);
    }

    @Override
    public String name() {
        return "keys";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        Optional<String> unreadable = installation.vault().fileFault();
        if (unreadable.isPresent()) {
            return Optional.of(unreadable.get() + " The keys stay as they were until this server stops.");
        }
        return installation.hasMatchingKeys()
                ? Optional.empty()
                : Optional.of(
                        "The key file does not open what is in this database: it was replaced, or the database was.");
    }
}
