package dev.countersign.vault;

import java.time.Instant;
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
    static String id(int number) {
        return String.format(java.util.Locale.ROOT, "%08x", number);
    }
}
