package dev.countersign.kernel;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The proofs of one sign-in or session, oldest first. Immutable. */
public record Proofs(List<Proof> all) {
    public static final Proofs NONE = new Proofs(List.of());

    public Proofs {
        all = all.stream().sorted(Comparator.comparing(Proof::at)).toList();
        if (all.stream().map(Proof::account).distinct().count() > 1) {
            throw new IllegalArgumentException("proofs of different accounts cannot be combined");
        }
    }

    /** These proofs and one more; it replaces an earlier proof of the same kind and means. */
    public Proofs with(Proof proof) {
        List<Proof> next = new ArrayList<>(all);
        next.removeIf(old -> old.kind() == proof.kind() && old.means() == proof.means());
        next.add(proof);
        return new Proofs(next);
    }

    public boolean has(FactorKind kind) {
        return all.stream().anyMatch(proof -> proof.kind() == kind);
    }

    public boolean has(FactorKind kind, Proof.Means means) {
        return all.stream().anyMatch(proof -> proof.kind() == kind && proof.means() == means);
    }

    /** The kinds shown, in the order of {@link FactorKind}. */
    public Set<FactorKind> kinds() {
        EnumSet<FactorKind> kinds = EnumSet.noneOf(FactorKind.class);
        all.forEach(proof -> kinds.add(proof.kind()));
        return kinds;
    }

    /** Only the proofs given at or after {@code since}. */
    public Proofs since(Instant since) {
        return new Proofs(
                all.stream().filter(proof -> !proof.at().isBefore(since)).toList());
    }

    /**
     * What these count for in another sign-in: a factor that was registered was shown, and fulfils no wish of the new one; a
     * recovery ended with the sign-in that it led to.
     */
    public Proofs carriedOver() {
        return all.stream()
                .filter(proof -> proof.kind() != FactorKind.RECOVERY)
                .map(proof -> new Proof(proof.kind(), proof.account(), Proof.Means.ANSWERED, proof.at()))
                .reduce(NONE, Proofs::with, (first, _) -> first);
    }
}
