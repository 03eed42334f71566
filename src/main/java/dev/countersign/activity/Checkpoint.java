package dev.countersign.activity;

import dev.countersign.vault.Ed25519Key;
import dev.countersign.vault.Ed25519PublicKey;
import dev.countersign.vault.Sha256;
import java.nio.charset.StandardCharsets;

/**
 * What is signed about a stretch of the log of one environment: {@code docs/log-format.md}. Times are milliseconds since
 * 1970, hashes 64 hexadecimal digits.
 *
 * @param number counts from 1, without a gap
 * @param previous the hash of the checkpoint before
 * @param count how many entries its list has
 * @param firstSequence the smallest number in the list, 0 if it is empty; {@code lastSequence} the largest
 * @param firstAt the earliest time of an entry in the list, 0 if it is empty; {@code lastAt} the latest
 * @param high the largest number of an entry that any checkpoint has listed so far
 * @param settled up to this number all entries are listed; one that appears later was put in
 * @param prunedThrough the last checkpoint that retention has removed, 0 if none; {@code prunedHash} is its hash
 * @param prunedEntries how many entries retention has removed
 * @param entriesHash the hash of the list
 */
public record Checkpoint(
        String environment,
        long number,
        long sealedAt,
        String keyId,
        String previous,
        long count,
        long firstSequence,
        long lastSequence,
        long firstAt,
        long lastAt,
        long high,
        long settled,
        long prunedThrough,
        long prunedEntries,
        String prunedHash,
        String entriesHash,
        String signature) {
    /** What stands for the checkpoint before the first. */
    public static final String NONE = "0".repeat(64);

    private static final String FORMAT = "countersign-log-checkpoint/1";

    /** What is signed, and hashed for the next checkpoint: one field a line. */
    public String text() {
        return String.join(
                        "\n",
                        FORMAT,
                        environment,
                        Long.toString(number),
                        Long.toString(sealedAt),
                        keyId,
                        previous,
                        Long.toString(count),
                        Long.toString(firstSequence),
                        Long.toString(lastSequence),
                        Long.toString(firstAt),
                        Long.toString(lastAt),
                        Long.toString(high),
                        Long.toString(settled),
                        Long.toString(prunedThrough),
                        Long.toString(prunedEntries),
                        prunedHash,
                        entriesHash)
                + "\n";
    }

    public String hash() {
        return Sha256.hex(text().getBytes(StandardCharsets.UTF_8));
    }

    boolean isSignedBy(Ed25519PublicKey key) {
        return keyId.equals(key.id()) && key.verifies(text(), signature);
    }

    Checkpoint signedBy(Ed25519Key key) {
        return new Checkpoint(
                environment,
                number,
                sealedAt,
                keyId,
                previous,
                count,
                firstSequence,
                lastSequence,
                firstAt,
                lastAt,
                high,
                settled,
                prunedThrough,
                prunedEntries,
                prunedHash,
                entriesHash,
                key.sign(text()));
    }
}
