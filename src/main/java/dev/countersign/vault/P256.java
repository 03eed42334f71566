package dev.countersign.vault;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Optional;

/** The curve P-256 (secp256r1): points as they travel, and signatures as JOSE and WebCrypto write them. */
public final class P256 {
    /** A point: the byte 4, then x and y, SEC 1 section 2.3.3. */
    public static final int POINT_BYTES = 65;

    /** A signature: r, then s, RFC 7518 section 3.4. */
    public static final int SIGNATURE_BYTES = 64;

    static final int NUMBER_BYTES = 32;
    static final String ES256 = "SHA256withECDSAinP1363Format";
    private static final byte UNCOMPRESSED = 4;
    private static final ECParameterSpec CURVE = curve();
    private static final BigInteger PRIME = ((ECFieldFp) CURVE.getCurve().getField()).getP();

    private P256() {}

    /**
     * The key someone sent, if it is a point of the curve. A point of another curve would give parts of our own key away
     * (the invalid curve attack), so that no key is made before this check.
     */
    public static Optional<ECPublicKey> parse(byte[] point) {
        if (point.length != POINT_BYTES || point[0] != UNCOMPRESSED) {
            return Optional.empty();
        }
        BigInteger x = new BigInteger(1, point, 1, NUMBER_BYTES);
        BigInteger y = new BigInteger(1, point, 1 + NUMBER_BYTES, NUMBER_BYTES);
        return isOnCurve(x, y) ? Optional.of(publicKey(new ECPoint(x, y))) : Optional.empty();
    }

    /** The 65 bytes of a key of this curve. */
    public static byte[] encode(ECPublicKey key) {
        byte[] point = new byte[POINT_BYTES];
        point[0] = UNCOMPRESSED;
        copy(key.getW().getAffineX(), point, 1);
        copy(key.getW().getAffineY(), point, 1 + NUMBER_BYTES);
        return point;
    }

    /** Whether {@code signature}, r and s of 32 bytes each, is this key's signature of {@code message} (ES256). */
    public static boolean verifies(ECPublicKey key, byte[] message, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(ES256);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** The number of a private key, 32 bytes. */
    static byte[] number(ECPrivateKey key) {
        byte[] number = new byte[NUMBER_BYTES];
        copy(key.getS(), number, 0);
        return number;
    }

    static ECPrivateKey privateKey(byte[] number) {
        BigInteger s = new BigInteger(1, number);
        if (number.length != NUMBER_BYTES || s.signum() == 0 || s.compareTo(CURVE.getOrder()) >= 0) {
            throw new IllegalArgumentException("a private key is 32 bytes, a number from 1 to the order of the curve");
        }
        try {
            return (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(s, CURVE));
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** y² = x³ + ax + b. The curve has cofactor 1: what lies on it generates all of it. */
    private static boolean isOnCurve(BigInteger x, BigInteger y) {
        if (x.compareTo(PRIME) >= 0 || y.compareTo(PRIME) >= 0) {
            return false;
        }
        BigInteger right = x.pow(3)
                .add(CURVE.getCurve().getA().multiply(x))
                .add(CURVE.getCurve().getB())
                .mod(PRIME);
        return y.pow(2).mod(PRIME).equals(right);
    }

    private static ECPublicKey publicKey(ECPoint point) {
        try {
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, CURVE));
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** The number in 32 bytes: Java's form is shorter for small ones and has a leading zero for large ones. */
    private static void copy(BigInteger number, byte[] target, int at) {
        byte[] bytes = number.toByteArray();
        int from = Math.max(0, bytes.length - NUMBER_BYTES);
        byte[] significant = Arrays.copyOfRange(bytes, from, bytes.length);
        System.arraycopy(significant, 0, target, at + NUMBER_BYTES - significant.length, significant.length);
    }

    private static ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private static IllegalStateException missing(GeneralSecurityException cause) {
        return new IllegalStateException("every Java has P-256", cause);
    }
}
