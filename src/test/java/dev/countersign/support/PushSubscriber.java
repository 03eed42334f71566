package dev.countersign.support;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a browser does with a push message: RFC 8291 from the receiving end, written from the RFC with HMAC alone and without
 * the product's code.
 */
public final class PushSubscriber {
    /** What stands before the 65 bytes of a point in its SubjectPublicKeyInfo, RFC 5480. */
    private static final byte[] PREFIX =
            HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final String endpoint;
    private final KeyPair keys;
    private final byte[] auth = new byte[16];

    PushSubscriber(String endpoint) {
        this.endpoint = endpoint;
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            this.keys = generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        new SecureRandom().nextBytes(auth);
    }

    public String endpoint() {
        return endpoint;
    }

    public String p256dh() {
        return BASE64.encodeToString(point());
    }

    public String auth() {
        return BASE64.encodeToString(auth);
    }

    private byte[] point() {
        byte[] encoded = keys.getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, PREFIX.length, encoded.length);
    }

    /** The message in a body that was posted; fails if it was not made for this subscriber. */
    public String read(byte[] body) {
        try {
            ByteBuffer parts = ByteBuffer.wrap(body);
            byte[] salt = take(parts, 16);
            if (parts.getInt() < body.length || parts.get() != 65) {
                throw new AssertionError("one record is announced, with the sender's key");
            }
            byte[] sender = take(parts, 65);
            byte[] key = inputKey(sender);
            byte[] random = hmac(salt, key);
            byte[] contentKey = first(hmac(random, text("Content-Encoding: aes128gcm\0\1")), 16);
            byte[] nonce = first(hmac(random, text("Content-Encoding: nonce\0\1")), 12);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(128, nonce));
            return unpadded(cipher.doFinal(take(parts, parts.remaining())));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("this message is not for this subscriber", e);
        }
    }

    private byte[] inputKey(byte[] sender) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(keys.getPrivate());
        agreement.doPhase(publicKey(sender), true);
        byte[] random = hmac(auth, agreement.generateSecret());
        return hmac(random, text("WebPush: info\0"), point(), sender, new byte[] {1});
    }

    private static String unpadded(byte[] record) {
        int end = record.length - 1;
        while (record[end] == 0) {
            end--;
        }
        if (record[end] != 2) {
            throw new AssertionError("the last record ends with 2");
        }
        return new String(record, 0, end, StandardCharsets.UTF_8);
    }

    /** Whether a JWT of ES256 was signed by the key in {@code point}. */
    static boolean isSigned(String token, byte[] point) {
        int dot = token.lastIndexOf('.');
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(publicKey(point));
            verifier.update(text(token.substring(0, dot)));
            return verifier.verify(Base64.getUrlDecoder().decode(token.substring(dot + 1)));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static PublicKey publicKey(byte[] point) throws GeneralSecurityException {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + point.length);
        System.arraycopy(point, 0, encoded, PREFIX.length, point.length);
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
    }

    private static byte[] hmac(byte[] key, byte[]... message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : message) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static byte[] take(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static byte[] first(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
