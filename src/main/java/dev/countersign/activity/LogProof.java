package dev.countersign.activity;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.vault.Ed25519PublicKey;
import java.io.IOException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Verifies the log where it is, and writes it to a file that proves itself. Thread-safe. */
@Component
public final class LogProof {
    private static final int ATTEMPTS = 3;
    private static final int ENTRIES = 1_000;
    private static final int CHECKPOINTS = 200;

    private final SealStore store;
    private final LogKeys keys;

    LogProof(SealStore store, LogKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    /**
     * Compares the log with its checkpoints. Meanwhile counts may end and retention may remove something: what looks wrong is
     * looked at again before it is said.
     */
    public LogReport verify(EnvironmentId environment, Ed25519PublicKey key, LogCopy copy, Instant now) {
        for (int attempt = 1; ; attempt++) {
            Optional<ChainHead> before = store.head(environment.value());
            LogReport report = new LogVerifier(environment.value(), key, copy).verify(source(environment.value(), now));
            boolean quiet = before.equals(store.head(environment.value()));
            if (report.isIntact() || quiet || attempt == ATTEMPTS) {
                return report;
            }
        }
    }

    private LogVerifier.Source source(String environment, Instant now) {
        Optional<ChainHead> end = store.head(environment);
        long last = store.checkpointsBefore(environment, Long.MAX_VALUE, 1).stream()
                .findFirst()
                .map(Checkpoint::number)
                .orElse(0L);
        return new LogVerifier.Source(
                store.checkpointsBefore(environment, last + 1, 1).stream().findFirst(),
                end,
                checkpoints(
                        environment, Math.max(last, end.map(ChainHead::number).orElse(0L))),
                new Portions<>(
                        after -> store.entries(environment, after, Long.MAX_VALUE, ENTRIES), LoggedEntry::sequence),
                now);
    }

    private Iterator<SealedCheckpoint> checkpoints(String environment, long through) {
        return new Portions<>(
                after -> store.checkpoints(environment, after, CHECKPOINTS).stream()
                        .filter(one -> one.checkpoint().number() <= through)
                        .toList(),
                one -> one.checkpoint().number());
    }

    /** What was written. */
    public record Exported(long entries, long checkpoints) {}

    /** Something was sealed with a changed count, or removed, while it was written: what was written is of no use. */
    public static final class Disturbed extends Exception {
        private static final long serialVersionUID = 1L;

        Disturbed() {
            super("counts ended or entries were removed while the log was written");
        }
    }

    /** Writes the whole log of an environment with all its checkpoints, and signs how it ends. */
    public Exported export(EnvironmentId environment, String name, Appendable out, Instant now)
            throws IOException, Disturbed {
        String id = environment.value();
        Ed25519PublicKey key = keys.publicKey();
        ChainHead head = store.head(id).orElseGet(() -> ChainHead.none(id));
        long newest = store.newestSequence();
        line(out, LogLines.of(new LogLines.Header(LogLines.FORMAT, id, name, key.id(), key.base64())));
        long checkpoints = 0;
        for (Iterator<SealedCheckpoint> all = checkpoints(id, head.number()); all.hasNext(); checkpoints++) {
            line(out, LogLines.of(all.next()));
        }
        long entries = 0;
        for (Iterator<LoggedEntry> all =
                        new Portions<>(after -> store.entries(id, after, newest, ENTRIES), LoggedEntry::sequence);
                all.hasNext();
                entries++) {
            line(out, LogLines.of(all.next()));
        }
        LogLines.End end = new LogLines.End(id, head.number(), head.hash(), entries, now.toEpochMilli(), "");
        line(
                out,
                LogLines.of(new LogLines.End(
                        id, head.number(), head.hash(), entries, now.toEpochMilli(), keys.sign(end.text()))));
        if (disturbed(head)) {
            throw new Disturbed();
        }
        return new Exported(entries, checkpoints);
    }

    /** Whether a count has ended since, or retention has removed something. */
    private boolean disturbed(ChainHead head) {
        List<SealedCheckpoint> since = store.checkpoints(head.environment(), head.number(), CHECKPOINTS);
        return since.size() == CHECKPOINTS
                || since.stream()
                        .anyMatch(one -> one.checkpoint().prunedThrough() != head.prunedThrough()
                                || one.entries().stream()
                                        .anyMatch(entry -> !entry.open() && entry.sequence() <= head.high()));
    }

    private static void line(Appendable out, String text) throws IOException {
        Appendable ignored = out.append(text).append('\n');
    }
}
