package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PairingId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.vault.PhoneKey;
import dev.countersign.vault.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A phone being paired.
 *
 * @param begunFrom the session or sign-in it was begun in, which alone may confirm it
 * @param origin scheme and host, as the browser knows them
 * @param language of the words that are compared, the same on both sides
 * @param offer the phone that offers its key, once one does
 * @param phone the phone it became
 */
public record Pairing(
        PairingId id,
        EnvironmentId environment,
        AccountId account,
        String begunFrom,
        String origin,
        String language,
        State state,
        Optional<Offer> offer,
        Optional<PhoneId> phone,
        Instant expiresAt) {
    /** How long a phone has to be paired. */
    public static final Duration LIFE = Duration.ofMinutes(5);

    /** Where it stands. */
    public enum State {
        /** No phone has called yet. */
        OFFERED,
        /** One has, and the owner has to compare. */
        CLAIMED,
        CONFIRMED,
        REFUSED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The phone that wants to be paired. */
    public record Offer(PhoneKey key, String name) {}

    public boolean isAliveAt(Instant now) {
        return now.isBefore(expiresAt);
    }

    /** Places in the list of 256 words: companion protocol section 2. Phone and browser show the words for the owner to compare. */
    public List<Integer> words() {
        String thumbprint = offer.orElseThrow().key().thumbprint();
        String text = "countersign-pairing-v1\n" + id + "\n" + thumbprint;
        byte[] hash = Sha256.of(text.getBytes(StandardCharsets.UTF_8));
        return List.of(hash[0] & 0xff, hash[1] & 0xff, hash[2] & 0xff, hash[3] & 0xff);
    }
}
