package dev.countersign.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.prf.PrfSet;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** Seals secrets at rest (AES-256-GCM) and computes keyed hashes (HMAC-SHA-256). Thread-safe. */
public final class Vault {
    private final Aead sealing;
    private final PrfSet hashing;

    Vault(Aead sealing, PrfSet hashing) {
        this.sealing = sealing;
        this.hashing = hashing;
    }

    /** Encrypts and authenticates {@code secret} for exactly this place. */
    public byte[] seal(SecretBytes secret, Place place) {
        try {
            return sealing.encrypt(secret.reveal(), place.associatedData());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    /** Opens what {@link #seal} made for the same place. */
    public SecretBytes open(byte[] sealed, Place place) throws NotOurs {
        try {
            return SecretBytes.of(sealing.decrypt(sealed, place.associatedData()));
        } catch (GeneralSecurityException e) {
            throw new NotOurs(place, e);
        }
    }

    /**
     * A hash of {@code message} that cannot be computed or tested without the key file.
     *
     * @param purpose keeps hashes of one kind apart from those of another
     * @return 32 bytes
     */
    public byte[] keyedHash(String purpose, byte[] message) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(purpose.getBytes(StandardCharsets.UTF_8));
        input.write(0);
        input.writeBytes(message);
        try {
            return hashing.computePrimary(input.toByteArray(), 32);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("hashing failed", e);
        }
    }

    /** A sealed value that this installation's keys did not make for this place: moved, altered, or of other keys. */
    public static final class NotOurs extends Exception {
        private static final long serialVersionUID = 1L;

        NotOurs(Place place, Throwable cause) {
            super(
                    "the sealed value in " + place.table() + "." + place.column() + " of row " + place.row()
                            + " was altered, moved from another row, or sealed with another key file",
                    cause);
        }
    }
}
