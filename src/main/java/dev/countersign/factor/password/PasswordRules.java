package dev.countersign.factor.password;

import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a new password must be: long enough, not a common one, not the person's own name (NIST SP 800-63B-4, 3.1.1.2). */
public final class PasswordRules {
    /** Characters a password has at least. */
    public static final int SHORTEST = 8;
    /** Characters a password has at most; checked before anything is hashed. */
    public static final int LONGEST = 256;

    private PasswordRules() {}

    /** Why a password is not accepted. */
    public enum Problem {
        TOO_SHORT,
        TOO_LONG,
        COMMON,
        LIKE_NAME
    }

    /** What is wrong with a new password for someone with these names, if anything. */
    public static Optional<Problem> check(SecretText password, String username, String email) {
        String text = password.reveal();
        if (text.codePointCount(0, text.length()) < SHORTEST) {
            return Optional.of(Problem.TOO_SHORT);
        }
        if (text.length() > LONGEST) {
            return Optional.of(Problem.TOO_LONG);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (Common.PASSWORDS.contains(lower) || lower.chars().distinct().count() <= 2) {
            return Optional.of(Problem.COMMON);
        }
        boolean likeName =
                isLike(lower, username) || isLike(lower, email) || isLike(lower, email.replaceAll("@.*", ""));
        return likeName ? Optional.of(Problem.LIKE_NAME) : Optional.empty();
    }

    /** Whether the password is the name, or the name with little around it. */
    private static boolean isLike(String password, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.length() >= 3 && password.contains(lower) && password.length() - lower.length() < 5;
    }

    private static final class Common {
        static final Set<String> PASSWORDS = load();

        private static Set<String> load() {
            try (InputStream file = PasswordRules.class.getResourceAsStream("/common-passwords.txt")) {
                if (file == null) {
                    throw new IllegalStateException("common-passwords.txt is missing from the build");
                }
                return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .collect(Collectors.toUnmodifiableSet());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
