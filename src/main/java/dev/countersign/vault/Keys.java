package dev.countersign.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.prf.PrfSet;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What one reading of the key file gave. Immutable. */
final class Keys {
    private final Aead sealing;
    private final PrfSet hashing;
    private final List<KeyInfo> infos;
    private final List<Integer> hashingIds;
    private final int oldestHashing;
    private final Set<String> sealingIds = new TreeSet<>();
    private final Set<String> former = new TreeSet<>();
    private final String primary;

    /** @param hashingIds the oldest first */
    Keys(Aead sealing, PrfSet hashing, List<KeyInfo> infos, List<Integer> hashingIds) {
        this.sealing = sealing;
        this.hashing = hashing;
        this.infos = List.copyOf(infos);
        this.oldestHashing = hashingIds.getFirst();
        this.hashingIds = hashingIds.stream()
                .sorted(Comparator.comparing(id -> id == hashing.getPrimaryId() ? 0 : 1))
                .toList();
        infos.stream().filter(KeyInfo::seals).forEach(key -> sealingIds.add(key.id()));
        infos.stream().filter(key -> key.seals() && key.madeAt().isEmpty()).forEach(key -> former.add(key.id()));
        this.primary = infos.stream()
                .filter(key -> key.seals() && key.primary())
                .findFirst()
                .orElseThrow()
                .id();
    }

    Aead sealing() {
        return sealing;
    }

    PrfSet hashing() {
        return hashing;
    }

    List<KeyInfo> infos() {
        return infos;
    }

    /** The primary first. */
    List<Integer> hashingIds() {
        return hashingIds;
    }

    int oldestHashing() {
        return oldestHashing;
    }

    String primary() {
        return primary;
    }

    boolean seals(String id) {
        return sealingIds.contains(id);
    }

    /** Whether a version made the key that did not bind owners and versions yet. */
    boolean isFormer(String id) {
        return former.contains(id);
    }

    boolean isFormerHashing(String id) {
        return infos.stream()
                .anyMatch(key ->
                        key.hashes() && key.madeAt().isEmpty() && key.id().equals(id));
    }

    boolean hasFormer() {
        return !former.isEmpty();
    }

    byte[] hash(int id, byte[] input) {
        try {
            Prf prf = hashing.getPrfs().get(id);
            if (prf == null) {
                throw new IllegalStateException("no such key");
            }
            return prf.compute(input, 32);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("hashing failed", e);
        }
    }
}
