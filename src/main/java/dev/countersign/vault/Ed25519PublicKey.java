package dev.countersign.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** A public Ed25519 key (RFC 8032). Verifies; cannot sign. Thread-safe. */
public final class Ed25519PublicKey {
    /** What stands before the 32 bytes of a key in its SubjectPublicKeyInfo, RFC 8410. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int BYTES = 32;
    private static final int ID_DIGITS = 32;

    private final byte[] bytes;
    private final PublicKey key;

    private Ed25519PublicKey(byte[] bytes, PublicKey key) {
        this.bytes = bytes;
        this.key = key;
    }

    /** The key in {@code text}: 32 bytes in Base64, or a PEM block as openssl writes it. */
    public static Optional<Ed25519PublicKey> parse(String text) {
        String bare = text.replaceAll("-----(BEGIN|END) PUBLIC KEY-----", "").replaceAll("\\s", "");
        try {
            byte[] found = Base64.getDecoder().decode(bare.replace('-', '+').replace('_', '/'));
            boolean wrapped = found.length == PREFIX.length + BYTES
                    && Arrays.equals(found, 0, PREFIX.length, PREFIX, 0, PREFIX.length);
            return of(wrapped ? Arrays.copyOfRange(found, PREFIX.length, found.length) : found);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The key of these 32 bytes. */
    static Optional<Ed25519PublicKey> of(byte[] bytes) {
        if (bytes.length != BYTES) {
            return Optional.empty();
        }
        try {
            byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + BYTES);
            System.arraycopy(bytes, 0, encoded, PREFIX.length, BYTES);
            PublicKey key = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
            return Optional.of(new Ed25519PublicKey(bytes.clone(), key));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** Whether the key made this signature, 128 hexadecimal digits, under {@code text}. */
    public boolean verifies(String text, String signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(text.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(HexFormat.of().parseHex(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Names the key: the first half of its SHA-256, 32 hexadecimal digits. */
    public String id() {
        return Sha256.hex(bytes).substring(0, ID_DIGITS);
    }

    /** 32 bytes in Base64. */
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The PEM block that {@code openssl pkey -pubin} reads. */
    public String pem() {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + BYTES);
        System.arraycopy(bytes, 0, encoded, PREFIX.length, BYTES);
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(encoded)
                + "\n-----END PUBLIC KEY-----\n";
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
