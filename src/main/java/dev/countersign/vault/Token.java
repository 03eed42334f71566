package dev.countersign.vault;

import dev.countersign.kernel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A bearer secret of 256 random bits: it goes to the person once, and only its hash is stored. */
public final class Token {
    private static final int LENGTH = 43;

    private final String value;

    Token(String value) {
        this.value = value;
    }

    /** The token someone presented, if it has the shape of one; anything else cannot be one of ours. */
    public static Optional<Token> parse(String presented) {
        return hasShape(presented) ? Optional.of(new Token(presented)) : Optional.empty();
    }

    private static boolean hasShape(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')) {
                return false;
            }
        }
        return true;
    }

    /** The value for the cookie, the link or the reply. */
    public String reveal() {
        return value;
    }

    /** {@link #hash()} for one channel: the same token presented in the other is not found. */
    public String hash(Channel channel) {
        return channel.name() + ':' + hash();
    }

    /** SHA-256 in hexadecimal: what is stored and looked up. A random 256-bit value needs no salt and no slow hash. */
    public String hash() {
        return Sha256.hex(value.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return "Token(hidden)";
    }
}
