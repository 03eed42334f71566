package dev.countersign.push;

import dev.countersign.vault.P256;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.WebPushCipher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.ECPublicKey;
import java.util.Base64;
import java.util.Optional;

/**
 * What a browser gives so that messages reach it. Whoever has the endpoint can write to the browser: all of it is kept as a
 * secret ({@link #secret}).
 */
public final class Subscription {
    private final String endpoint;
    private final ECPublicKey key;
    private final SecretBytes auth;

    private Subscription(String endpoint, ECPublicKey key, SecretBytes auth) {
        this.endpoint = endpoint;
        this.key = key;
        this.auth = auth;
    }

    /** What {@link #parse} makes of it. */
    public sealed interface Parsed {
        record Accepted(Subscription subscription) implements Parsed {}

        /**
         * Not a subscription we would send to.
         *
         * @param why for a person; without the endpoint
         */
        record Refused(Problem problem, String why) implements Parsed {}
    }

    /** The part that is wrong. */
    public enum Problem {
        ENDPOINT,
        KEY,
        AUTH
    }

    /**
     * Reads the three texts of {@code PushSubscription.toJSON()}.
     *
     * @param p256dh the browser's key, base64url
     * @param auth its 16 random bytes, base64url
     */
    public static Parsed parse(String endpoint, String p256dh, String auth, Endpoints endpoints) {
        if (endpoints.judge(endpoint) instanceof Endpoints.Verdict.Refused(String why)) {
            return new Parsed.Refused(Problem.ENDPOINT, why);
        }
        Optional<ECPublicKey> key = decode(p256dh, P256.POINT_BYTES).flatMap(P256::parse);
        if (key.isEmpty()) {
            return new Parsed.Refused(Problem.KEY, "p256dh is not a point of the curve P-256 in 65 bytes, base64url");
        }
        return decode(auth, WebPushCipher.AUTH_BYTES)
                .map(SecretBytes::of)
                .<Parsed>map(secret -> new Parsed.Accepted(new Subscription(endpoint, key.get(), secret)))
                .orElseGet(() -> new Parsed.Refused(Problem.AUTH, "auth is not 16 bytes, base64url"));
    }

    /** With or without the padding; nothing longer is even looked at. */
    private static Optional<byte[]> decode(String text, int length) {
        if (text.length() > 2 * length) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getUrlDecoder().decode(text)).filter(bytes -> bytes.length == length);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** All of it, to be sealed. */
    public SecretBytes secret() {
        byte[] address = endpoint.getBytes(StandardCharsets.US_ASCII);
        return SecretBytes.of(ByteBuffer.allocate(P256.POINT_BYTES + WebPushCipher.AUTH_BYTES + address.length)
                .put(P256.encode(key))
                .put(auth.reveal())
                .put(address)
                .array());
    }

    /** What {@link #secret} gave. The endpoint is judged again before each message. */
    public static Subscription of(SecretBytes secret) {
        byte[] all = secret.reveal();
        byte[] point = new byte[P256.POINT_BYTES];
        byte[] auth = new byte[WebPushCipher.AUTH_BYTES];
        ByteBuffer.wrap(all).get(point).get(auth);
        int at = point.length + auth.length;
        ECPublicKey key = P256.parse(point).orElseThrow(() -> new IllegalArgumentException("this is no subscription"));
        String endpoint = new String(all, at, all.length - at, StandardCharsets.US_ASCII);
        return new Subscription(endpoint, key, SecretBytes.of(auth));
    }

    String endpoint() {
        return endpoint;
    }

    ECPublicKey key() {
        return key;
    }

    SecretBytes auth() {
        return auth;
    }

    @Override
    public String toString() {
        return "Subscription(hidden)";
    }
}
