package dev.countersign.vault;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.text.ParseException;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The public half of a phone's key: ECDSA on P-256 (RFC 7518 section 3.4). The private half never leaves the phone. Immutable
 * and thread-safe.
 */
public final class PhoneKey {
    private static final Pattern COORDINATE = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final int LONGEST_TEXT = 4_096;

    private final ECKey key;

    private PhoneKey(ECKey key) {
        this.key = key;
    }

    /**
     * The key with these coordinates; absent unless they are a point on the curve.
     *
     * @param x 32 bytes in base64url, as in a JWK (RFC 7518 section 6.2.1)
     */
    public static Optional<PhoneKey> of(String x, String y) {
        if (!COORDINATE.matcher(x).matches() || !COORDINATE.matcher(y).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new PhoneKey(new ECKey.Builder(Curve.P_256, new Base64URL(x), new Base64URL(y)).build()));
        } catch (IllegalStateException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The key {@link #stored} wrote. */
    public static PhoneKey ofStored(String stored) {
        String[] point = stored.split("\\.", 2);
        return of(point[0], point[1]).orElseThrow(() -> new IllegalStateException("a stored key is no key"));
    }

    /** Both coordinates in one text. */
    public String stored() {
        return key.getX() + "." + key.getY();
    }

    /** The JWK thumbprint with SHA-256 (RFC 7638), which names the key. */
    public String thumbprint() {
        try {
            return key.computeThumbprint().toString();
        } catch (JOSEException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * A signed text that has the right form. What it says counts only after {@link PhoneKey#signed}.
     *
     * @param kid the thumbprint of the key it claims
     * @param payload JSON, not yet trusted
     */
    public record Claimed(String kid, String type, String payload, JWSObject whole) {}

    /** Takes a compact JWS (RFC 7515 section 7.1) apart; absent when it is none, or not ES256. */
    public static Optional<Claimed> parse(String compact) {
        if (compact.length() > LONGEST_TEXT) {
            return Optional.empty();
        }
        try {
            JWSObject object = JWSObject.parse(compact);
            boolean usable = JWSAlgorithm.ES256.equals(object.getHeader().getAlgorithm())
                    && object.getHeader().getKeyID() != null
                    && object.getHeader().getType() != null;
            return usable
                    ? Optional.of(new Claimed(
                            object.getHeader().getKeyID(),
                            object.getHeader().getType().getType(),
                            object.getPayload().toString(),
                            object))
                    : Optional.empty();
        } catch (ParseException e) {
            return Optional.empty();
        }
    }

    /** Whether this key signed it. */
    public boolean signed(Claimed text) {
        try {
            return text.whole().verify(new ECDSAVerifier(key));
        } catch (JOSEException e) {
            return false;
        }
    }

    /** SHA-256 in base64url, as both sides of the companion protocol write it. */
    public static String digest(byte[] message) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Sha256.of(message));
    }
}
