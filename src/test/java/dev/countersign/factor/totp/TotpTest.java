package dev.countersign.factor.totp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.MultiFormatReader;
import com.google.zxing.NotFoundException;
import com.google.zxing.client.j2se.BufferedImageLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import dev.countersign.support.Vectors;
import dev.countersign.vault.Hmac;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The arithmetic of codes, what a QR code says, and what counts as typing a code. */
class TotpTest {
    private static final SecretBytes SECRET = ascii("12345678901234567890");

    @Test
    void gives_the_codes_of_rfc_4226() {
        for (List<String> fields : Vectors.read("rfc4226.txt")) {
            long count = Long.parseLong(fields.get(0));
            assertThat(Totp.DEFAULT.code(SECRET, count)).as("count %d", count).isEqualTo(fields.get(1));
        }
    }

    @Test
    void gives_the_codes_of_rfc_6238_with_all_three_algorithms() {
        for (List<String> fields : Vectors.read("rfc6238.txt")) {
            Instant at = Instant.ofEpochSecond(Long.parseLong(fields.get(0)));
            Hmac algorithm = Hmac.valueOf(fields.get(2));
            Totp totp = new Totp(algorithm, 8, Duration.ofSeconds(30));
            assertThat(totp.step(at)).as("%s", fields).isEqualTo(Long.parseLong(fields.get(1), 16));
            assertThat(totp.code(secretOf(algorithm), totp.step(at)))
                    .as("%s", fields)
                    .isEqualTo(fields.get(3));
        }
    }

    @Test
    void shows_leading_zeros_and_only_ascii_digits_in_every_locale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            Totp totp = new Totp(Hmac.SHA1, 8, Duration.ofSeconds(30));
            assertThat(totp.code(SECRET, 0x23523EC)).isEqualTo("07081804");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void a_step_begins_exactly_at_its_second_and_lasts_the_period() {
        assertThat(Totp.DEFAULT.step(Instant.ofEpochSecond(29))).isEqualTo(0);
        assertThat(Totp.DEFAULT.step(Instant.ofEpochSecond(30).minusNanos(1))).isEqualTo(0);
        assertThat(Totp.DEFAULT.step(Instant.ofEpochSecond(30))).isEqualTo(1);
        assertThat(Totp.DEFAULT.step(Instant.ofEpochSecond(-1))).isEqualTo(-1);
    }

    @Test
    void matches_codes_up_to_the_radius_and_none_beyond() {
        long centre = 1_000_000;
        for (int radius : new int[] {0, 1, 5}) {
            for (int distance = -7; distance <= 7; distance++) {
                String typed = Totp.DEFAULT.code(SECRET, centre + distance);
                OptionalLong expected =
                        Math.abs(distance) <= radius ? OptionalLong.of(centre + distance) : OptionalLong.empty();
                assertThat(Totp.DEFAULT.match(SECRET, typed, centre, radius))
                        .as("%d steps away with radius %d", distance, radius)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void of_two_steps_with_the_same_code_the_later_is_matched() {
        assertThat(Totp.DEFAULT.code(SECRET, 153_567)).isEqualTo("468457");
        assertThat(Totp.DEFAULT.code(SECRET, 153_569)).isEqualTo("468457");
        assertThat(Totp.DEFAULT.match(SECRET, "468457", 153_568, 1)).hasValue(153_569);
    }

    @Test
    void a_code_of_another_secret_or_length_does_not_match() {
        String code = Totp.DEFAULT.code(SECRET, 7);
        assertThat(Totp.DEFAULT.match(ascii("12345678901234567891"), code, 7, 1))
                .isEmpty();
        assertThat(Totp.DEFAULT.match(SECRET, code + "0", 7, 1)).isEmpty();
        assertThat(Totp.DEFAULT.match(SECRET, code.substring(1), 7, 1)).isEmpty();
        assertThat(Totp.DEFAULT.match(SECRET, "", 7, 1)).isEmpty();
    }

    @Test
    void refuses_lengths_and_periods_no_app_shows() {
        assertThatThrownBy(() -> new Totp(Hmac.SHA1, 5, Duration.ofSeconds(30))).hasMessageContaining("6 to 8 digits");
        assertThatThrownBy(() -> new Totp(Hmac.SHA1, 9, Duration.ofSeconds(30))).hasMessageContaining("6 to 8 digits");
        assertThatThrownBy(() -> new Totp(Hmac.SHA1, 6, Duration.ofSeconds(14))).hasMessageContaining("15 to 300");
        assertThatThrownBy(() -> new Totp(Hmac.SHA1, 6, Duration.ofSeconds(301)))
                .hasMessageContaining("15 to 300");
    }

    @Test
    void window_settings_are_bounded() {
        assertThat(TotpSettings.DEFAULT).isEqualTo(new TotpSettings(1, 5));
        assertThatThrownBy(() -> new TotpSettings(4, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TotpSettings(-1, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TotpSettings(2, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TotpSettings(1, 11)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void encodes_base_32_as_rfc_4648_without_padding() {
        assertThat(Base32.encode(ascii(""))).isEmpty();
        for (List<String> fields : Vectors.read("rfc4648-base32.txt")) {
            assertThat(Base32.encode(ascii(fields.get(0))))
                    .isEqualTo(fields.get(1).replace("=", ""));
        }
        assertThat(Base32.encode(SecretBytes.of(new byte[] {-1, -1, -1, -1, -1})))
                .isEqualTo("77777777");
    }

    @Test
    void shows_a_secret_in_groups_of_four() {
        assertThat(Base32.groups("ABCDEFGHIJ")).containsExactly("ABCD", "EFGH", "IJ");
        assertThat(Base32.groups("")).isEmpty();
        assertThat(Base32.groups(Base32.encode(SECRET))).hasSize(8).allMatch(group -> group.length() == 4);
    }

    @Test
    void link_for_the_app_names_issuer_account_and_secret() {
        assertThat(OtpauthUri.of(Totp.DEFAULT, SECRET, "Northwind", "bea"))
                .isEqualTo("otpauth://totp/Northwind:bea?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                        + "&issuer=Northwind&digits=6&period=30");
    }

    @Test
    void link_says_the_algorithm_only_when_it_is_not_what_apps_assume() {
        Totp other = new Totp(Hmac.SHA256, 8, Duration.ofSeconds(60));
        assertThat(OtpauthUri.of(other, SECRET, "Northwind", "bea")).endsWith("&algorithm=SHA256&digits=8&period=60");
        assertThat(OtpauthUri.of(Totp.DEFAULT, SECRET, "Northwind", "bea")).doesNotContain("algorithm");
    }

    @Test
    void link_keeps_spaces_unicode_and_separators_apart_from_its_syntax() {
        String link = OtpauthUri.of(Totp.DEFAULT, SECRET, "Grüße & Co: AG", "bea+1@bäckerei.example?x=1#y");
        assertThat(link)
                .startsWith("otpauth://totp/Gr%C3%BC%C3%9Fe%20%26%20Co%20%20AG:"
                        + "bea%2B1%40b%C3%A4ckerei.example%3Fx%3D1%23y?secret=")
                .contains("&issuer=Gr%C3%BC%C3%9Fe%20%26%20Co%20%20AG&")
                .doesNotContain("+");
        assertThat(link.chars()).allMatch(c -> c > 0x20 && c < 0x7f);
    }

    @Test
    void a_colon_in_a_name_cannot_move_the_border_between_issuer_and_account() {
        String link = OtpauthUri.of(Totp.DEFAULT, SECRET, "Northwind", "Other:ada");
        assertThat(link).startsWith("otpauth://totp/Northwind:Other%20ada?").doesNotContain("%3A");
    }

    @Test
    void picture_reads_back_as_the_link() throws Exception {
        String link = OtpauthUri.of(Totp.DEFAULT, SECRET, "Grüße & Co", "bea@northwind.example");
        QrPicture picture = QrPicture.of(link);
        assertThat(read(ImageIO.read(new ByteArrayInputStream(picture.png())))).isEqualTo(link);
        assertThat(read(draw(picture.svg()))).isEqualTo(link);
    }

    @Test
    void picture_holds_the_longest_names_there_can_be() throws Exception {
        String link = OtpauthUri.of(Totp.DEFAULT, SECRET, "ß".repeat(60), "漢".repeat(64));
        assertThat(read(ImageIO.read(new ByteArrayInputStream(QrPicture.of(link).png()))))
                .isEqualTo(link);
    }

    @Test
    void picture_has_a_white_border_of_four_modules() throws IOException {
        BufferedImage image = ImageIO.read(
                new ByteArrayInputStream(QrPicture.of("countersign").png()));
        int border = 4 * 8;
        for (int along = 0; along < image.getWidth(); along++) {
            for (int depth = 0; depth < border; depth++) {
                assertThat(image.getRGB(along, depth) & 0xffffff).isEqualTo(0xffffff);
                assertThat(image.getRGB(depth, along) & 0xffffff).isEqualTo(0xffffff);
            }
        }
        assertThat(image.getRGB(border, border) & 0xffffff)
                .as("the finder pattern begins here")
                .isEqualTo(0);
    }

    @Test
    void picture_in_a_page_holds_neither_text_nor_script_nor_style() {
        String svg = QrPicture.of("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ").svg();
        assertThat(svg)
                .startsWith("<svg ")
                .endsWith("</svg>")
                .doesNotContain("GEZDGNBV")
                .doesNotContain("style=")
                .doesNotContain("<script");
    }

    @Test
    void a_code_may_be_typed_with_spaces_dashes_or_other_scripts_digits() {
        assertThat(CodeText.digits(SecretText.of("123456"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of(" 123 456 "), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("123-456"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("123\u00a0456\t"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("١٢٣٤٥٦"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("１２３４５６"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("𝟏𝟐𝟑𝟒𝟓𝟔"), 6)).contains("123456");
        assertThat(CodeText.digits(SecretText.of("012 345 67"), 8)).contains("01234567");
    }

    @Test
    void what_is_not_exactly_a_code_is_none() {
        for (String typed : List.of("", "12345", "1234567", "12345a", "abcdef", "-12345", "1234.56", "123456\u0000")) {
            assertThat(CodeText.digits(SecretText.of(typed), 6))
                    .as("'%s'", typed)
                    .isEmpty();
        }
        assertThat(CodeText.digits(SecretText.of("123456" + " ".repeat(34)), 6)).isPresent();
        assertThat(CodeText.digits(SecretText.of("123456" + " ".repeat(35)), 6))
                .as("too long")
                .isEmpty();
        assertThat(CodeText.digits(SecretText.of("1".repeat(1_000_000)), 6)).isEmpty();
    }

    /** What a phone's camera would read. */
    private static String read(BufferedImage image) throws NotFoundException {
        BinaryBitmap bitmap = new BinaryBitmap(new HybridBinarizer(new BufferedImageLuminanceSource(image)));
        return new MultiFormatReader().decode(bitmap).getText();
    }

    /** Draws the squares of the picture, eight pixels each, as a browser does. */
    private static BufferedImage draw(String svg) {
        Matcher box = Pattern.compile("viewBox=\"0 0 (\\d+) \\1\"").matcher(svg);
        assertThat(box.find()).as("a square view box").isTrue();
        int side = Integer.parseInt(box.group(1)) * 8;
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, side, side);
        graphics.setColor(Color.BLACK);
        Matcher module = Pattern.compile("M(\\d+) (\\d+)h1v1h-1z").matcher(svg);
        while (module.find()) {
            graphics.fillRect(Integer.parseInt(module.group(1)) * 8, Integer.parseInt(module.group(2)) * 8, 8, 8);
        }
        graphics.dispose();
        return image;
    }

    private static SecretBytes secretOf(Hmac algorithm) {
        int length = switch (algorithm) {
            case SHA1 -> 20;
            case SHA256 -> 32;
            case SHA512 -> 64;
        };
        return ascii("1234567890".repeat(7).substring(0, length));
    }

    private static SecretBytes ascii(String text) {
        return SecretBytes.of(text.getBytes(StandardCharsets.US_ASCII));
    }
}
