package dev.countersign.mail;

import dev.countersign.directory.EmailAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The mail server of an environment. Its password is kept apart and never read back.
 *
 * @param username empty when the server asks for none
 * @param locale the language of mails to people who have not chosen one
 */
public record MailSettings(
        String host, int port, Security security, String username, String fromAddress, String fromName, String locale) {
    /** The languages mails are written in; the first is the default. */
    public static final List<String> LOCALES = List.of("en", "de", "fr", "nl");

    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?|\\[?[0-9A-Fa-f:.]{2,45}\\]?");
    private static final int LONGEST = 200;

    /** How the connection is protected. */
    public enum Security {
        NONE,
        STARTTLS,
        TLS;

        /** The name on the command line and in forms. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Security> ofWireName(String name) {
            return List.of(values()).stream()
                    .filter(one -> one.wireName().equals(name))
                    .findFirst();
        }
    }

    /** What is wrong with settings someone typed. */
    public enum Problem {
        HOST,
        PORT,
        USERNAME,
        UNPROTECTED,
        FROM_ADDRESS,
        FROM_NAME,
        LOCALE
    }

    /** What is wrong, if something is. A password goes over a protected connection only. */
    public Optional<Problem> problem() {
        if (!HOST.matcher(host).matches()) {
            return Optional.of(Problem.HOST);
        }
        if (port < 1 || port > 65_535) {
            return Optional.of(Problem.PORT);
        }
        if (username.length() > LONGEST || !isLine(username)) {
            return Optional.of(Problem.USERNAME);
        }
        if (!username.isEmpty() && security == Security.NONE) {
            return Optional.of(Problem.UNPROTECTED);
        }
        if (!EmailAddress.isValid(fromAddress)) {
            return Optional.of(Problem.FROM_ADDRESS);
        }
        if (fromName.length() > LONGEST || !isLine(fromName)) {
            return Optional.of(Problem.FROM_NAME);
        }
        return LOCALES.contains(locale) ? Optional.empty() : Optional.of(Problem.LOCALE);
    }

    /** One line of text: nothing that could begin another header. */
    private static boolean isLine(String text) {
        return text.codePoints()
                .noneMatch(c -> Character.isISOControl(c)
                        || c == 0x2028
                        || c == 0x2029
                        || Character.getType(c) == Character.SURROGATE);
    }
}
