package dev.countersign.vault;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** The public Ed25519 key of whoever operates the installation for others. Verifies; cannot sign. */
public final class OperatorKey {
    private static final Set<String> HEADERS = Set.of("{\"alg\":\"EdDSA\"}", "{\"alg\":\"Ed25519\"}");

    private final Ed25519PublicKey key;

    private OperatorKey(Ed25519PublicKey key) {
        this.key = key;
    }

    /** The key in {@code text}: 32 bytes in Base64, or a PEM block as openssl writes it. */
    public static Optional<OperatorKey> parse(String text) {
        return Ed25519PublicKey.parse(text).map(OperatorKey::new);
    }

    /**
     * The payload of a compact JWS if this key signed it. The header is one of two fixed texts: no algorithm, key or address
     * that a file names is ever looked at.
     */
    public Optional<byte[]> verify(String compact) {
        String[] parts = compact.split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            String header = new String(decoder.decode(parts[0]), StandardCharsets.UTF_8);
            String signature = HexFormat.of().formatHex(decoder.decode(parts[2]));
            boolean right = HEADERS.contains(header) && key.verifies(parts[0] + "." + parts[1], signature);
            return right ? Optional.of(decoder.decode(parts[1])) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
