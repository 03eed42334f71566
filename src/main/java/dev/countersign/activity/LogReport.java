package dev.countersign.activity;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What verifying the log of an environment came to.
 *
 * @param entries how many were looked at
 * @param firstCheckpoint the number of the first checkpoint there is, 0 if there is none; {@code lastCheckpoint} of the last
 * @param removedByRetention how many entries the signed checkpoints say retention has removed
 * @param sealedAt when the last checkpoint was made
 * @param unsealed how many entries no checkpoint lists yet
 * @param unsealedSince the time of the oldest of them
 * @param unprovable how many entries cannot be judged because their checkpoint is gone
 * @param findings the first thousand
 */
public record LogReport(
        String environment,
        long entries,
        long firstCheckpoint,
        long lastCheckpoint,
        long removedByRetention,
        Optional<Instant> sealedAt,
        long unsealed,
        Optional<Instant> unsealedSince,
        long unprovable,
        List<LogFinding> findings) {
    public LogReport {
        findings = List.copyOf(findings);
    }

    LogReport with(List<LogFinding> others) {
        return new LogReport(
                environment,
                entries,
                firstCheckpoint,
                lastCheckpoint,
                removedByRetention,
                sealedAt,
                unsealed,
                unsealedSince,
                unprovable,
                others);
    }

    public boolean isIntact() {
        return findings.isEmpty();
    }
}
