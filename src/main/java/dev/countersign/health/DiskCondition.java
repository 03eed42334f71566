package dev.countersign.health;

import dev.countersign.configuration.Settings;
import dev.countersign.vault.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The disk of the embedded database can be written and has room: without it no sign-in can be written down, and so nobody signs in. */
@Component
final class DiskCondition implements Condition {
    /** Enough for the write-ahead log, and to clean up; {@code countersign doctor} warns much earlier. */
    static final long LEAST_FREE_MIB = 64;

    private final Settings settings;

    DiskCondition(Settings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public Optional<String> wrong(Instant now) {
        if (settings.postgresql().isPresent()) {
            return Optional.empty();
        }
        Path data = settings.data();
        try {
            if (!PrivateFiles.takesFiles(data)) {
                return Optional.of("The directory " + data + " cannot be written.");
            }
            return judge(Files.getFileStore(data).getUsableSpace() >> 20, data);
        } catch (IOException e) {
            return Optional.of("The disk of " + data + " cannot be asked: " + e);
        }
    }

    static Optional<String> judge(long freeMib, Path data) {
        return freeMib >= LEAST_FREE_MIB
                ? Optional.empty()
                : Optional.of("Only " + freeMib + " MiB are free in " + data + "; it takes " + LEAST_FREE_MIB + ".");
    }
}
