package dev.countersign.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/** A key pair of Ed25519 (RFC 8032) that signs. Thread-safe. */
public final class Ed25519Key {
    /** What stands before the 32 bytes of a private key in its PrivateKeyInfo, RFC 8410. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302e020100300506032b657004220420");

    private static final int BYTES = 32;

    private final PrivateKey key;
    private final Ed25519PublicKey publicKey;

    private Ed25519Key(PrivateKey key, Ed25519PublicKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    public static Ed25519Key create() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new Ed25519Key(
                    pair.getPrivate(), publicPart(tail(pair.getPublic().getEncoded())));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has Ed25519", e);
        }
    }

    /** What {@link #secret} gave: the private part, then the public one. */
    public static Ed25519Key of(SecretBytes secret) {
        byte[] both = secret.reveal();
        if (both.length != 2 * BYTES) {
            throw new IllegalArgumentException("this is no Ed25519 key");
        }
        try {
            byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + BYTES);
            System.arraycopy(both, 0, encoded, PREFIX.length, BYTES);
            return new Ed25519Key(
                    KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                    publicPart(tail(both)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has Ed25519", e);
        }
    }

    private static Ed25519PublicKey publicPart(byte[] bytes) {
        return Ed25519PublicKey.of(bytes).orElseThrow(() -> new IllegalArgumentException("this is no public key"));
    }

    private static byte[] tail(byte[] encoded) {
        return Arrays.copyOfRange(encoded, encoded.length - BYTES, encoded.length);
    }

    /** Both parts of the pair, to be sealed. */
    public SecretBytes secret() {
        byte[] both = Arrays.copyOf(tail(key.getEncoded()), 2 * BYTES);
        System.arraycopy(publicKey.bytes(), 0, both, BYTES, BYTES);
        return SecretBytes.of(both);
    }

    public Ed25519PublicKey publicKey() {
        return publicKey;
    }

    /** The signature of {@code text} in UTF-8: 128 hexadecimal digits. */
    public String sign(String text) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    @Override
    public String toString() {
        return "Ed25519Key(" + publicKey.id() + ")";
    }
}
