package dev.countersign.health;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Installation;
import dev.countersign.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The database answers, has tables this program knows, is no standby, and is the one that was opened. */
@Component
final class DatabaseCondition implements Condition {
    private final Database database;
    private final Optional<OpenFile> file;

    DatabaseCondition(Database database, Settings settings) {
        this.database = database;
        this.file =
                settings.postgresql().isPresent() ? Optional.empty() : OpenFile.of(Installation.databaseFile(settings));
    }

    /** Which file lay under this name when it was opened: its name may be taken away from it, and what is written then is lost. */
    private record OpenFile(Path path, @Nullable Object key) {
        static Optional<OpenFile> of(Path path) {
            try {
                return Optional.of(new OpenFile(path, key(path)));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        private static @Nullable Object key(Path path) throws IOException {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        }

        Optional<String> wrong() {
            try {
                return Objects.equals(key, key(path))
                        ? Optional.empty()
                        : Optional.of("Another file was put in the place of " + path
                                + " while this server has the former open. Stop it first.");
            } catch (IOException e) {
                return Optional.of("The file " + path + " is not there any more: " + e);
            }
        }
    }

    @Override
    public String name() {
        return "database";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        return file.flatMap(OpenFile::wrong).or(database::probe);
    }
}
