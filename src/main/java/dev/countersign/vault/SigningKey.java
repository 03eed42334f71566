package dev.countersign.vault;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;

/** A key pair of P-256 that signs (ES256, RFC 7518 section 3.4). Thread-safe. */
public final class SigningKey {
    private final ECPrivateKey key;
    private final byte[] point;

    private SigningKey(ECPrivateKey key, byte[] point) {
        this.key = key;
        this.point = point;
    }

    public static SigningKey create() {
        KeyPair pair = P256.newPair();
        return new SigningKey((ECPrivateKey) pair.getPrivate(), P256.encode((ECPublicKey) pair.getPublic()));
    }

    /** What {@link #secret} gave. */
    public static SigningKey of(SecretBytes secret) {
        if (secret.length() != P256.NUMBER_BYTES + P256.POINT_BYTES) {
            throw new IllegalArgumentException("this is no signing key");
        }
        ByteBuffer parts = ByteBuffer.wrap(secret.reveal());
        byte[] number = new byte[P256.NUMBER_BYTES];
        byte[] point = new byte[P256.POINT_BYTES];
        parts.get(number).get(point);
        return new SigningKey(P256.privateKey(number), point);
    }

    /** Both parts of the pair, to be sealed. */
    public SecretBytes secret() {
        return SecretBytes.of(ByteBuffer.allocate(P256.NUMBER_BYTES + P256.POINT_BYTES)
                .put(P256.number(key))
                .put(point)
                .array());
    }

    /** The point others check signatures with, {@link P256#POINT_BYTES} long. */
    public byte[] publicPoint() {
        return point.clone();
    }

    /** The signature of {@code message}: r and s, 64 bytes. */
    public byte[] sign(byte[] message) {
        try {
            Signature signer = Signature.getInstance(P256.ES256);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing failed", e);
        }
    }

    @Override
    public String toString() {
        return "SigningKey(hidden)";
    }
}
