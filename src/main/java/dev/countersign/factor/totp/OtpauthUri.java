package dev.countersign.factor.totp;

import dev.countersign.vault.SecretBytes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The {@code otpauth://totp/} address an authenticator app reads from a QR code: issuer and account in the label, and the
 * issuer once more as a parameter, as apps disagree on which they show.
 */
public final class OtpauthUri {
    private OtpauthUri() {}

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
