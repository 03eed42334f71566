package dev.countersign.factor.totp;

import dev.countersign.vault.Hmac;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code otpauth://totp/} address an authenticator app reads from a QR code: issuer and account in the label, and the
 * issuer once more as a parameter, as apps disagree on which they show.
 */
public final class OtpauthUri {
    private static final int LONGEST = 2_048;
    /** Many products make secrets of 80 bits, although RFC 4226 section 4 asks for 128. */
    private static final int SHORTEST_BYTES = 10;

    private static final int LONGEST_BYTES = 128;
    private static final Pattern SHAPE = Pattern.compile("(?i)otpauth://totp/[^?#]*\\?([^#]*)");
    private static final Pattern AMPERSAND = Pattern.compile("&");

    private OtpauthUri() {}

    /** An app as such an address describes it. */
    public record App(Totp totp, SecretBytes secret) {}

    /**
     * Reads the address of an app that shows codes by time. Who issued it and to whom does not matter.
     *
     * @return absent when it is none, or asks for what no app here can have
     */
    public static Optional<App> parse(SecretText uri) {
        Matcher parts = SHAPE.matcher(uri.reveal());
        if (uri.reveal().length() > LONGEST || !parts.matches()) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        AMPERSAND.splitAsStream(parts.group(1)).forEach(pair -> {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                values.put(pair.substring(0, equals).toLowerCase(Locale.ROOT), pair.substring(equals + 1));
            }
        });
        try {
            String algorithm = values.getOrDefault("algorithm", "SHA1").toUpperCase(Locale.ROOT);
            Totp totp = new Totp(
                    Hmac.valueOf(algorithm.replace("HMAC", "").replace("-", "")),
                    Integer.parseInt(values.getOrDefault("digits", "6")),
                    Duration.ofSeconds(Integer.parseInt(values.getOrDefault("period", "30"))));
            return Base32.decode(
                            values.getOrDefault("secret", "").replace("%3D", "").replace("%20", ""))
                    .filter(secret -> secret.length() >= SHORTEST_BYTES && secret.length() <= LONGEST_BYTES)
                    .map(secret -> new App(totp, secret));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The address of an app whose secret is known as text in base 32. */
    public static String ofText(Totp totp, String secret) {
        return "otpauth://totp/a?secret=" + encode(secret) + "&algorithm="
                + totp.algorithm().name() + "&digits=" + totp.digits() + "&period="
                + totp.period().toSeconds();
    }

    public static String of(Totp totp, SecretBytes secret, String issuer, String account) {
        String safeIssuer = issuer.replace(":", " ");
        StringBuilder uri = new StringBuilder("otpauth://totp/")
                .append(encode(safeIssuer))
                .append(':')
                .append(encode(account.replace(":", " ")))
                .append("?secret=")
                .append(Base32.encode(secret))
                .append("&issuer=")
                .append(encode(safeIssuer));
        if (!totp.equals(Totp.DEFAULT)) {
            uri.append("&algorithm=").append(totp.algorithm().name());
        }
        return uri.append("&digits=")
                .append(totp.digits())
                .append("&period=")
                .append(totp.period().toSeconds())
                .toString();
    }

    /** Percent-encoding; apps show the {@code +} of form encoding as a plus. */
    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
