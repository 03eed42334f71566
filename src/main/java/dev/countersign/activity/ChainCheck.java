package dev.countersign.activity;

import dev.countersign.activity.LogFinding.Kind;
import dev.countersign.vault.Ed25519PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks that checkpoints follow each other, and are what was signed. */
final class ChainCheck {
    private final String environment;
    private final Ed25519PublicKey key;
    private final LogCopy copy;
    private final long prunedThrough;
    private final String prunedHash;
    private final List<LogFinding> findings = new ArrayList<>();
    private @Nullable Checkpoint lastGood;
    private long firstNumber;
    private long lastNumber;
    private boolean broken;
    private boolean everBroken;
    private long brokenAfter;

    /** @param last the last checkpoint there is: it says what retention has removed */
    ChainCheck(String environment, Ed25519PublicKey key, Optional<Checkpoint> last, LogCopy copy) {
        this.environment = environment;
        this.key = key;
        this.copy = copy;
        Optional<Checkpoint> signed = last.filter(this::isOurs);
        this.prunedThrough = signed.map(Checkpoint::prunedThrough).orElse(0L);
        this.prunedHash = signed.map(Checkpoint::prunedHash).orElse(Checkpoint.NONE);
    }

    private boolean isOurs(Checkpoint checkpoint) {
        return checkpoint.environment().equals(environment) && checkpoint.isSignedBy(key);
    }

    /** Whether this checkpoint can be believed; {@code entries} is told of what can be proved no more. */
    boolean accept(SealedCheckpoint sealed, EntryCheck entries) {
        Checkpoint checkpoint = sealed.checkpoint();
        if (lastNumber > 0 && checkpoint.number() <= lastNumber) {
            found(Kind.CHECKPOINT_REORDERED, checkpoint.number(), "stands after checkpoint " + lastNumber);
            return false;
        }
        long before = lastNumber;
        lastNumber = checkpoint.number();
        if (before == 0) {
            first(checkpoint);
        } else if (checkpoint.number() > before + 1) {
            removed(before + 1, checkpoint.number() - 1);
        }
        if (!isWhole(sealed)) {
            breaks();
            return false;
        }
        follow(checkpoint);
        if (broken) {
            entries.cannotProve(brokenAfter, checkpoint.high());
            broken = false;
        }
        lastGood = checkpoint;
        return true;
    }

    private void first(Checkpoint checkpoint) {
        firstNumber = checkpoint.number();
        if (firstNumber > prunedThrough + 1) {
            removed(prunedThrough + 1, firstNumber - 1);
        } else if (firstNumber <= prunedThrough) {
            found(Kind.CHECKPOINT_REORDERED, firstNumber, "was removed by retention and is here again");
            breaks();
        } else if (!checkpoint.previous().equals(prunedHash)) {
            found(Kind.CHECKPOINT_CHANGED, firstNumber, "does not follow what retention has removed");
        }
    }

    private void removed(long from, long through) {
        String which = from == through ? "is gone" : "and all up to checkpoint " + through + " are gone";
        found(Kind.CHECKPOINT_REMOVED, from, which);
        breaks();
    }

    private boolean isWhole(SealedCheckpoint sealed) {
        Checkpoint checkpoint = sealed.checkpoint();
        if (!checkpoint.environment().equals(environment)) {
            found(Kind.CHECKPOINT_CHANGED, checkpoint.number(), "is of another environment");
            return false;
        }
        if (!isOurs(checkpoint)) {
            boolean other = !checkpoint.keyId().equals(key.id());
            found(
                    Kind.CHECKPOINT_CHANGED,
                    checkpoint.number(),
                    other ? "is signed with another key, " + checkpoint.keyId() : "is not what was signed");
            return false;
        }
        if (!sealed.listIsWhole()) {
            found(Kind.CHECKPOINT_CHANGED, checkpoint.number(), "has another list of entries than was signed");
            return false;
        }
        return true;
    }

    private void follow(Checkpoint checkpoint) {
        if (lastGood != null && !broken && !checkpoint.previous().equals(lastGood.hash())) {
            found(Kind.CHECKPOINT_CHANGED, checkpoint.number(), "does not follow the checkpoint before it");
        }
        if (copy.differs(checkpoint)) {
            found(
                    Kind.COPY_DIFFERS,
                    checkpoint.number(),
                    "is another one in the copy: the log was set back, or made anew");
        }
    }

    private void breaks() {
        if (!broken) {
            brokenAfter = lastGood == null ? 0 : lastGood.settled();
        }
        broken = true;
        everBroken = true;
    }

    /** @param endsAt the checkpoint the chain is said to end with, by its number and hash */
    void finish(Optional<ChainHead> endsAt, EntryCheck entries) {
        endsAt.ifPresent(this::compareEnd);
        copy.newest().filter(newest -> newest > lastNumber).ifPresent(newest -> {
            String text = "the copy has checkpoints up to " + newest + ", the last one here is " + lastNumber;
            findings.add(LogFinding.of(Kind.TAIL_REMOVED, environment, text));
            breaks();
        });
        copy.twice()
                .ifPresent(number ->
                        found(Kind.COPY_DIFFERS, number, "is in the copy twice: the log was set back before it once"));
        if (broken) {
            entries.cannotProve(brokenAfter, Long.MAX_VALUE);
        }
    }

    private void compareEnd(ChainHead end) {
        if (end.number() > lastNumber) {
            String text = "checkpoints " + (lastNumber + 1) + " to " + end.number() + " at the end are gone";
            findings.add(LogFinding.of(Kind.TAIL_REMOVED, environment, text));
            breaks();
        } else if (end.number() < lastNumber
                || (lastGood != null && !broken && !end.hash().equals(lastGood.hash()))) {
            found(Kind.CHECKPOINT_CHANGED, lastNumber, "is not the one the log is said to end with");
        }
    }

    private void found(Kind kind, long number, String text) {
        findings.add(LogFinding.ofCheckpoint(kind, environment, number, text));
    }

    /** Whether nothing was gone so far but what retention has removed. */
    boolean isWholeSinceItsBeginning() {
        return !everBroken && prunedThrough == 0;
    }

    List<LogFinding> findings() {
        return findings;
    }

    long firstNumber() {
        return firstNumber;
    }

    long lastNumber() {
        return lastNumber;
    }

    Optional<Checkpoint> lastGood() {
        return Optional.ofNullable(lastGood);
    }
}
