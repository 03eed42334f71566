package dev.countersign.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys of P-256: which are taken, how they are written, and what they sign. */
class P256Test {
    private static final byte[] MESSAGE = "approve".getBytes(StandardCharsets.UTF_8);
    private static final String PRIME = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    /** The base point, SEC 2 section 2.4.2. */
    private static final String BASE = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    private static byte[] point(String coordinates) {
        return HexFormat.of().parseHex("04" + coordinates);
    }

    private static byte[] decode(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    @Test
    void a_point_of_the_curve_is_read_and_written_unchanged() {
        assertThat(P256.encode(P256.parse(point(BASE)).orElseThrow())).isEqualTo(point(BASE));
        IntStream.range(0, 300).forEach(_ -> {
            byte[] point = P256.encode((ECPublicKey) P256.newPair().getPublic());
            assertThat(point).hasSize(P256.POINT_BYTES);
            assertThat(P256.encode(P256.parse(point).orElseThrow())).isEqualTo(point);
        });
    }

    @Test
    void what_is_no_point_of_the_curve_is_no_key() {
        String x = BASE.substring(0, 64);
        String y = BASE.substring(64);
        byte[] other = point(BASE);
        other[64] ^= 1;
        assertThat(P256.parse(other)).as("beside the curve").isEmpty();
        assertThat(P256.parse(point("0".repeat(128)))).as("zero").isEmpty();
        assertThat(P256.parse(point(PRIME + y))).as("x is the prime").isEmpty();
        assertThat(P256.parse(point("f".repeat(128)))).as("beyond the prime").isEmpty();
        assertThat(P256.parse(point(x
                        + new BigInteger(PRIME, 16)
                                .subtract(new BigInteger(y, 16))
                                .toString(16))))
                .as("the other half of the curve")
                .isPresent();
        assertThat(P256.parse(HexFormat.of().parseHex("03" + x)))
                .as("compressed")
                .isEmpty();
        assertThat(P256.parse(HexFormat.of().parseHex("06" + BASE)))
                .as("hybrid")
                .isEmpty();
        assertThat(P256.parse(new byte[] {0})).as("infinity").isEmpty();
        assertThat(P256.parse(new byte[0])).isEmpty();
        assertThat(P256.parse(Arrays.copyOf(point(BASE), 66))).as("too long").isEmpty();
        assertThat(P256.parse(Arrays.copyOf(point(BASE), 64))).as("too short").isEmpty();
    }

    /** Each of these lies on a curve with another b. */
    @Test
    void a_point_of_another_curve_is_no_key() {
        BigInteger prime = new BigInteger(PRIME, 16);
        for (int y = 0; y < 200; y++) {
            String coordinates = "0".repeat(63) + "5"
                    + String.format("%064x", BigInteger.valueOf(y).mod(prime));
            assertThat(P256.parse(point(coordinates))).isEmpty();
        }
    }

    @Test
    void a_signature_of_ours_is_read_with_the_public_point_alone() {
        SigningKey key = SigningKey.create();
        ECPublicKey point = P256.parse(key.publicPoint()).orElseThrow();
        byte[] signature = key.sign(MESSAGE);
        assertThat(signature).hasSize(P256.SIGNATURE_BYTES);
        assertThat(P256.verifies(point, MESSAGE, signature)).isTrue();
        assertThat(P256.verifies(point, "refuse".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
        signature[40] ^= 1;
        assertThat(P256.verifies(point, MESSAGE, signature)).isFalse();
        ECPublicKey other = P256.parse(SigningKey.create().publicPoint()).orElseThrow();
        assertThat(P256.verifies(other, MESSAGE, key.sign(MESSAGE))).isFalse();
    }

    /** All zeros was a signature of everything in one Java (CVE-2022-21449). */
    @Test
    void what_is_no_signature_is_refused() {
        ECPublicKey point = P256.parse(SigningKey.create().publicPoint()).orElseThrow();
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xff);
        assertThat(P256.verifies(point, MESSAGE, new byte[64])).isFalse();
        assertThat(P256.verifies(point, MESSAGE, ones)).isFalse();
        for (int length : new int[] {0, 1, 32, 63, 65, 72, 128}) {
            assertThat(P256.verifies(point, MESSAGE, new byte[length])).isFalse();
        }
    }

    @Test
    void a_signing_key_comes_back_from_what_is_sealed_and_shows_itself_nowhere() {
        SigningKey key = SigningKey.create();
        SigningKey again = SigningKey.of(key.secret());
        assertThat(again.publicPoint()).isEqualTo(key.publicPoint());
        ECPublicKey point = P256.parse(key.publicPoint()).orElseThrow();
        assertThat(P256.verifies(point, MESSAGE, again.sign(MESSAGE))).isTrue();
        assertThat(key).hasToString("SigningKey(hidden)");
        assertThatThrownBy(() -> SigningKey.of(SecretBytes.of(new byte[97])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SigningKey.of(SecretBytes.of(new byte[5])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** RFC 8292 section 2.4. */
    @Test
    void the_signature_of_the_example_of_vapid_is_right() {
        String signed = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0"
                + "NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0";
        ECPublicKey key = P256.parse(decode(
                        "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"))
                .orElseThrow();
        byte[] signature =
                decode("i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA");
        assertThat(P256.verifies(key, signed.getBytes(StandardCharsets.US_ASCII), signature))
                .isTrue();
    }

    // RFC 8291 section 5 and appendix A

    private static final String SENDER =
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    private static final String RECEIVER =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private static final byte[] WATERMELON =
            "When I grow up, I want to be a watermelon".getBytes(StandardCharsets.UTF_8);

    private static byte[] encrypt(int paddedTo) {
        ECPrivateKey number = P256.privateKey(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        KeyPair sender = new KeyPair(P256.parse(decode(SENDER)).orElseThrow(), number);
        return WebPushCipher.encrypt(
                P256.parse(decode(RECEIVER)).orElseThrow(),
                SecretBytes.of(decode("BTBZMqHH6r4Tts7J_aSIgg")),
                WATERMELON,
                paddedTo,
                sender,
                decode("DGv6ra1nlYgDCS1FRnbzlw"));
    }

    @Test
    void a_message_is_encrypted_as_in_the_example_of_rfc_8291() {
        assertThat(Base64.getUrlEncoder().withoutPadding().encodeToString(encrypt(WATERMELON.length)))
                .isEqualTo(
                        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
                                + "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
                                + "a-fN");
    }

    @Test
    void padding_hides_the_length_within_what_push_services_take() {
        assertThat(encrypt(3072)).hasSize(86 + 3072 + 1 + 16);
        assertThat(encrypt(WebPushCipher.LONGEST_MESSAGE)).hasSize(4096);
        assertThatThrownBy(() -> encrypt(WebPushCipher.LONGEST_MESSAGE + 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encrypt(3)).isInstanceOf(IllegalArgumentException.class);
    }
}
