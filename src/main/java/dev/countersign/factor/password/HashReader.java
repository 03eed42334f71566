package dev.countersign.factor.password;

import dev.countersign.vault.SecretBytes;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the spellings of password hashes: PHC and modular-crypt strings, and those of Django, Werkzeug, passlib, Spring
 * Security and LDAP servers. The table of {@link #SPELLINGS} is what can be moved in.
 */
final class HashReader {
    private static final int LONGEST = 512;
    private static final int SHORTEST_HASH_BYTES = 12;
    private static final String B64 = "([A-Za-z0-9+/.]{1,120}={0,2})";
    private static final String TEXT = "([\\x21-\\x7e&&[^$]]{1,64})";
    private static final String HEX = "([0-9a-fA-F]{24,128})";
    private static final String SHA = "(sha1|sha256|sha512)";

    /** Names in braces or before a dollar sign that some products put in front of a hash that says what it is by itself. */
    private static final Pattern WRAPPER = Pattern.compile(
            "(?i)(\\{(crypt|bcrypt|argon2|argon2@SpringSecurity[\\w.]*|pbkdf2|pbkdf2-sha\\d+|scrypt)}|argon2(?=\\$argon2)|bcrypt\\$(?=\\$2))");

    private record Spelling(Pattern shape, Function<Matcher, Reading> reader) {
        Spelling(String shape, Function<Matcher, Reading> reader) {
            this(Pattern.compile(shape), reader);
        }
    }

    private static final Spelling[] SPELLINGS = {
        new Spelling(
                "\\$argon2(id|i)(?:\\$v=(16|19))?\\$m=(\\d{1,8}),t=(\\d{1,6}),p=(\\d{1,3})\\$" + B64 + "\\$" + B64,
                HashReader::argon2),
        new Spelling("\\$2[aby]\\$(\\d\\d)\\$[./A-Za-z0-9]{53}", HashReader::bcrypt),
        new Spelling(
                "\\$scrypt\\$ln=(\\d{1,3}),r=(\\d{1,3}),p=(\\d{1,3})\\$" + B64 + "\\$" + B64,
                parts -> scrypt(
                        number(parts, 1), number(parts, 2), number(parts, 3), base64(parts, 4), base64(parts, 5))),
        new Spelling(
                "scrypt\\$(\\d{1,9})\\$" + TEXT + "\\$(\\d{1,3})\\$(\\d{1,3})\\$" + B64, // Django
                parts -> scrypt(
                        log2(number(parts, 1)),
                        number(parts, 3),
                        number(parts, 4),
                        ForeignHash.text(parts.group(2)),
                        base64(parts, 5))),
        new Spelling(
                "scrypt:(\\d{1,9}):(\\d{1,3}):(\\d{1,3})\\$" + TEXT + "\\$" + HEX, // Werkzeug
                parts -> scrypt(
                        log2(number(parts, 1)),
                        number(parts, 2),
                        number(parts, 3),
                        ForeignHash.text(parts.group(4)),
                        hex(parts, 5))),
        new Spelling(
                "\\$pbkdf2(?:-" + SHA + ")?\\$(?:i=)?(\\d{1,9})(?:,l=\\d{1,3})?\\$" + B64 + "\\$" + B64, // PHC, passlib
                parts -> pbkdf2(parts.group(1), number(parts, 2), base64(parts, 3), base64(parts, 4))),
        new Spelling(
                "pbkdf2_" + SHA + "\\$(\\d{1,9})\\$" + TEXT + "\\$" + B64, // Django
                parts -> pbkdf2(parts.group(1), number(parts, 2), ForeignHash.text(parts.group(3)), base64(parts, 4))),
        new Spelling(
                "pbkdf2:" + SHA + ":(\\d{1,9})\\$" + TEXT + "\\$" + HEX, // Werkzeug
                parts -> pbkdf2(parts.group(1), number(parts, 2), ForeignHash.text(parts.group(3)), hex(parts, 4)))
    };

    private HashReader() {}

    /** What a text that should be a hash is. */
    sealed interface Reading {
        /** Made here, or exactly as it would be made here, at whatever cost. */
        record Own(PasswordHash hash) implements Reading {}

        record Foreign(ForeignHash hash) implements Reading {}

        record TooMuchWork() implements Reading {}

        record Unknown() implements Reading {}
    }

    static Reading read(String text) {
        if (text.length() > LONGEST) {
            return new Reading.Unknown();
        }
        String bare = WRAPPER.matcher(text).lookingAt() ? WRAPPER.matcher(text).replaceFirst("") : text;
        for (Spelling spelling : SPELLINGS) {
            Matcher parts = spelling.shape().matcher(bare);
            if (parts.matches()) {
                return read(spelling, parts);
            }
        }
        return new Reading.Unknown();
    }

    private static Reading read(Spelling spelling, Matcher parts) {
        try {
            return spelling.reader().apply(parts);
        } catch (ForeignHash.TooMuchWork e) {
            return new Reading.TooMuchWork();
        } catch (IllegalArgumentException e) {
            return new Reading.Unknown();
        }
    }

    private static Reading argon2(Matcher parts) {
        int version = Optional.ofNullable(parts.group(2)).map(Integer::parseInt).orElse(16);
        PasswordHash.Cost cost = new PasswordHash.Cost(number(parts, 3), number(parts, 4), number(parts, 5));
        byte[] salt = base64(parts, 6);
        byte[] hash = longEnough(base64(parts, 7));
        if (salt.length < 8) {
            throw new IllegalArgumentException("RFC 9106 demands a salt of 8 bytes");
        }
        boolean id = parts.group(1).equals("id");
        return id && version == 19
                ? new Reading.Own(new PasswordHash(cost, salt, SecretBytes.of(hash)))
                : new Reading.Foreign(new ForeignHash.Argon2(id, version, cost, salt, hash));
    }

    private static Reading bcrypt(Matcher parts) {
        int cost = number(parts, 1);
        if (cost < 4 || cost > 31) {
            throw new IllegalArgumentException("bcrypt knows costs from 4 to 31");
        }
        return new Reading.Foreign(new ForeignHash.Bcrypt(parts.group(), cost));
    }

    private static Reading scrypt(int logN, int r, int p, byte[] salt, byte[] hash) {
        if (logN < 1 || r < 1 || p < 1) {
            throw new IllegalArgumentException("scrypt needs at least one of each");
        }
        return new Reading.Foreign(new ForeignHash.Scrypt(logN, r, p, salt, longEnough(hash)));
    }

    private static Reading pbkdf2(
            @org.jspecify.annotations.Nullable String sha, int iterations, byte[] salt, byte[] hash) {
        if (iterations < 1) {
            throw new IllegalArgumentException("PBKDF2 needs at least one iteration");
        }
        ForeignHash.Pbkdf2.Prf prf = sha == null
                ? ForeignHash.Pbkdf2.Prf.SHA1
                : ForeignHash.Pbkdf2.Prf.valueOf(sha.toUpperCase(Locale.ROOT));
        return new Reading.Foreign(new ForeignHash.Pbkdf2(prf, iterations, salt, longEnough(hash)));
    }

    /** A hash of a few bits would be opened by many passwords. */
    private static byte[] longEnough(byte[] hash) {
        if (hash.length < SHORTEST_HASH_BYTES) {
            throw new IllegalArgumentException("too short for a hash");
        }
        return hash;
    }

    private static int number(Matcher parts, int group) {
        return Integer.parseInt(parts.group(group));
    }

    /** Base 64, also as passlib writes it, with a dot for the plus. */
    private static byte[] base64(Matcher parts, int group) {
        return Base64.getDecoder().decode(parts.group(group).replace('.', '+'));
    }

    private static byte[] hex(Matcher parts, int group) {
        return HexFormat.of().parseHex(parts.group(group));
    }

    private static int log2(int n) {
        if (Integer.bitCount(n) != 1) {
            throw new IllegalArgumentException("N of scrypt is a power of two");
        }
        return Integer.numberOfTrailingZeros(n);
    }
}
