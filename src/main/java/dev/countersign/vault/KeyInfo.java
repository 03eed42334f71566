package dev.countersign.vault;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A key of the key file, without the key.
 *
 * @param id eight hexadecimal digits
 * @param madeAt absent for keys made by a version that did not bind owners and versions
 * @param primary whether new values are sealed or hashed with it
 */
public record KeyInfo(
        String id,
        Optional<Instant> madeAt,
        Optional<Instant> primarySince,
        boolean seals,
        boolean hashes,
        boolean primary) {
    /** The id of the key among these that new values are sealed with; empty when none is. */
    public static String primaryOf(List<KeyInfo> keys) {
        return keys.stream()
                .filter(key -> key.seals() && key.primary())
                .map(KeyInfo::id)
                .findFirst()
                .orElse("");
    }

    static String id(int number) {
        return String.format(java.util.Locale.ROOT, "%08x", number);
    }
}
