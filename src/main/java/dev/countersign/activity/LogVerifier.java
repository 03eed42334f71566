package dev.countersign.activity;

import dev.countersign.vault.Ed25519PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Compares the log of one environment with its checkpoints, both read once, from wherever they come. Knows nothing but the
 * public key.
 */
final class LogVerifier {
    private final String environment;
    private final Ed25519PublicKey key;
    private final LogCopy copy;

    LogVerifier(String environment, Ed25519PublicKey key, LogCopy copy) {
        this.environment = environment;
        this.key = key;
        this.copy = copy;
    }

    /**
     * A log to look at.
     *
     * @param last the last checkpoint there is
     * @param end where the chain is said to end
     * @param checkpoints in the order of their numbers
     * @param entries in the order of their numbers
     * @param readAt when it was read, or exported
     */
    record Source(
            Optional<Checkpoint> last,
            Optional<ChainHead> end,
            Iterator<SealedCheckpoint> checkpoints,
            Iterator<LoggedEntry> entries,
            Instant readAt) {}

    LogReport verify(Source source) {
        ChainCheck chain = new ChainCheck(environment, key, source.last(), copy);
        EntryCheck entries = new EntryCheck(environment, source.entries());
        long latest = source.readAt().minus(Sealing.LATEST).toEpochMilli();
        long settled = 0;
        while (source.checkpoints().hasNext()) {
            SealedCheckpoint sealed = source.checkpoints().next();
            if (chain.accept(sealed, entries)) {
                Checkpoint checkpoint = sealed.checkpoint();
                boolean whole = chain.isWholeSinceItsBeginning();
                sealed.entries().forEach(listed -> entries.expect(listed, checkpoint.number(), whole));
                entries.settle(checkpoint.settled());
                settled = checkpoint.sealedAt() <= latest ? checkpoint.high() : Math.max(settled, checkpoint.settled());
            }
        }
        chain.finish(source.end(), entries);
        entries.finish(settled);
        return report(chain, entries);
    }

    private LogReport report(ChainCheck chain, EntryCheck entries) {
        List<LogFinding> findings = new ArrayList<>(chain.findings());
        findings.addAll(entries.findings());
        Optional<Checkpoint> last = chain.lastGood();
        return new LogReport(
                environment,
                entries.read(),
                chain.firstNumber(),
                chain.lastNumber(),
                last.map(Checkpoint::prunedEntries).orElse(0L),
                last.map(Checkpoint::sealedAt).map(Instant::ofEpochMilli),
                entries.unsealed(),
                entries.unsealedSince().map(Instant::ofEpochMilli),
                entries.unprovable(),
                findings);
    }
}
