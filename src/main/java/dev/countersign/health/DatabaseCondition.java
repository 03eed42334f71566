package dev.countersign.health;

import dev.countersign.store.Database;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The database answers, takes changes, and has tables this program knows. */
@Component
final class DatabaseCondition implements Condition {
    private final Database database;

    DatabaseCondition(Database database) {
        this.database = database;
    }

    @Override
    public String name() {
        return "database";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        return database.probe();
    }
}
