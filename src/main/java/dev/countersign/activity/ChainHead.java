package dev.countersign.activity;

/** Where the chain of an environment ends: what the next checkpoint follows. */
public record ChainHead(
        String environment,
        long number,
        String hash,
        long sealedAt,
        long high,
        long settled,
        long prunedThrough,
        long prunedEntries,
        String prunedHash) {
    static ChainHead none(String environment) {
        return new ChainHead(environment, 0, Checkpoint.NONE, 0, 0, 0, 0, 0, Checkpoint.NONE);
    }

    static ChainHead of(Checkpoint last) {
        return new ChainHead(
                last.environment(),
                last.number(),
                last.hash(),
                last.sealedAt(),
                last.high(),
                last.settled(),
                last.prunedThrough(),
                last.prunedEntries(),
                last.prunedHash());
    }

    /** The same after retention has removed this checkpoint, all before it, and so many entries. */
    ChainHead without(Checkpoint through, long entries) {
        return new ChainHead(
                environment,
                number,
                hash,
                sealedAt,
                high,
                settled,
                through.number(),
                prunedEntries + entries,
                through.hash());
    }
}
