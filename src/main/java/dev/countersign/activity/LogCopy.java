package dev.countersign.activity;

import dev.countersign.vault.Ed25519PublicKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What was carried outside of one environment: its checkpoints by number. What our key did not sign is left out. */
public final class LogCopy {
    public static final LogCopy NONE = new LogCopy();

    private final Map<Long, String> hashes = new HashMap<>();
    private Optional<Long> newest = Optional.empty();
    private Optional<Long> twice = Optional.empty();

    private LogCopy() {}

    /** Reads a file as the sink writes it, or several one after the other. */
    public static LogCopy read(Path file, String environment, Ed25519PublicKey key) throws IOException {
        LogCopy copy = new LogCopy();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LogLines.checkpoint(line)
                        .map(SealedCheckpoint::checkpoint)
                        .filter(checkpoint -> checkpoint.environment().equals(environment))
                        .filter(checkpoint -> checkpoint.isSignedBy(key))
                        .ifPresent(copy::add);
            }
        }
        return copy;
    }

    private void add(Checkpoint checkpoint) {
        long number = checkpoint.number();
        String hash = checkpoint.hash();
        if (!hash.equals(hashes.getOrDefault(number, hash))) {
            twice = Optional.of(Math.min(number, twice.orElse(Long.MAX_VALUE)));
        }
        hashes.put(number, hash);
        newest = Optional.of(Math.max(number, newest.orElse(0L)));
    }

    /** Whether another checkpoint of this number was carried outside. */
    boolean differs(Checkpoint checkpoint) {
        String known = hashes.get(checkpoint.number());
        return known != null && !known.equals(checkpoint.hash());
    }

    Optional<Long> newest() {
        return newest;
    }

    /** The first number that was carried outside with different contents. */
    Optional<Long> twice() {
        return twice;
    }
}
