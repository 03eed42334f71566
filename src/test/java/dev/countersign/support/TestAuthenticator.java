package dev.countersign.support;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import java.security.InvalidKeyException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import javax.crypto.spec.SecretKeySpec;

/** An authenticator app of another maker, on the test's clock. */
public final class TestAuthenticator {
    private final SecretKeySpec key;
    private final Clock clock;

    public TestAuthenticator(byte[] secret, Clock clock) {
        this.key = new SecretKeySpec(secret, "HmacSHA1");
        this.clock = clock;
    }

    /** An app into which the secret was typed as text, in groups or not. */
    public static TestAuthenticator ofText(String base32, Clock clock) {
        String text = base32.replace(" ", "");
        byte[] secret = new byte[text.length() * 5 / 8];
        int buffer = 0;
        int bits = 0;
        int next = 0;
        for (char c : text.toCharArray()) {
            buffer = (buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                secret[next++] = (byte) (buffer >> bits);
                buffer &= (1 << bits) - 1;
            }
        }
        return new TestAuthenticator(secret, clock);
    }

    /** What its codes are made from. */
    public byte[] secret() {
        return key.getEncoded();
    }

    /** The code shown now. */
    public String code() {
        return codeAt(clock.instant());
    }

    /** The code shown {@code offset} from now. */
    public String code(Duration offset) {
        return codeAt(clock.instant().plus(offset));
    }

    /** A code that is not shown anywhere near now. */
    public String wrongCode() {
        for (int candidate = 0; ; candidate++) {
            String code = "%06d".formatted(candidate);
            boolean near = false;
            for (int step = -12; step <= 12; step++) {
                near |= code.equals(code(Duration.ofSeconds(30L * step)));
            }
            if (!near) {
                return code;
            }
        }
    }

    private String codeAt(Instant instant) {
        try {
            return new TimeBasedOneTimePasswordGenerator().generateOneTimePasswordString(key, instant);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }
}
