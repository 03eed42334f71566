package dev.countersign.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/** The public Ed25519 key of whoever operates the installation for others. Verifies; cannot sign. */
public final class OperatorKey {
    /** What stands before the 32 bytes of a key in its SubjectPublicKeyInfo, RFC 8410. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final Set<String> HEADERS = Set.of("{\"alg\":\"EdDSA\"}", "{\"alg\":\"Ed25519\"}");

    private final PublicKey key;

    private OperatorKey(PublicKey key) {
        this.key = key;
    }

    /** The key in {@code text}: 32 bytes in Base64, or a PEM block as openssl writes it. */
    public static Optional<OperatorKey> parse(String text) {
        String bare = text.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s", "");
        try {
            byte[] bytes = Base64.getDecoder().decode(bare.replace('-', '+').replace('_', '/'));
            byte[] encoded = bytes.length == 32 ? joined(bytes) : bytes;
            KeyFactory factory = KeyFactory.getInstance("Ed25519");
            return Optional.of(new OperatorKey(factory.generatePublic(new X509EncodedKeySpec(encoded))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] joined(byte[] bytes) {
        byte[] all = new byte[PREFIX.length + bytes.length];
        System.arraycopy(PREFIX, 0, all, 0, PREFIX.length);
        System.arraycopy(bytes, 0, all, PREFIX.length, bytes.length);
        return all;
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
            Signature signature = Signature.getInstance("Ed25519");
            signature.initVerify(key);
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            boolean right = HEADERS.contains(header) && signature.verify(decoder.decode(parts[2]));
            return right ? Optional.of(decoder.decode(parts[1])) : Optional.empty();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
