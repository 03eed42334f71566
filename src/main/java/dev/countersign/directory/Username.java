package dev.countersign.directory;

import com.ibm.icu.text.SpoofChecker;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;

/**
 * A name to sign in with, or the name of a group: Unicode form NFKC, no invisible characters, no mix of scripts that
 * makes one name look like another (Unicode Technical Standard 39, "highly restrictive").
 *
 * @param display as typed, normalised
 * @param key equal for all spellings that mean the same account
 * @param shape equal for names that look alike; at most one of them can exist
 */
public record Username(String display, String key, String shape) {
    private static final int LONGEST = 64;

    /** Why a name is not accepted. */
    public enum Refusal {
        EMPTY,
        TOO_LONG,
        INVISIBLE,
        CHARACTERS,
        LOOK_ALIKE
    }

    /** A name, or the reason it is refused. */
    public sealed interface Parsed {
        record Accepted(Username username) implements Parsed {}

        record Refused(Refusal why) implements Parsed {}
    }

    /** Checks a new username: letters, digits and {@code . _ - + @}, without spaces. */
    public static Parsed parse(String typed) {
        return parse(typed, false);
    }

    /** Checks a new group name, in which single spaces and more punctuation may stand. */
    public static Parsed parseGroupName(String typed) {
        return parse(typed, true);
    }

    /** What to look up for a typed name: absent when no account can have it. Cheap; made for each sign-in. */
    public static Optional<String> lookupKey(String typed) {
        String stripped = typed.strip();
        if (stripped.isEmpty() || stripped.length() > 4 * LONGEST || hasInvisible(stripped)) {
            return Optional.empty();
        }
        return Optional.of(fold(stripped));
    }

    private static Parsed parse(String typed, boolean group) {
        String stripped = typed.strip();
        if (stripped.isEmpty()) {
            return new Parsed.Refused(Refusal.EMPTY);
        }
        if (stripped.length() > 4 * LONGEST) {
            return new Parsed.Refused(Refusal.TOO_LONG);
        }
        if (hasInvisible(stripped)) {
            return new Parsed.Refused(Refusal.INVISIBLE);
        }
        String display = Normalizer.normalize(stripped, Normalizer.Form.NFKC);
        if (display.codePointCount(0, display.length()) > LONGEST) {
            return new Parsed.Refused(Refusal.TOO_LONG);
        }
        if (!display.codePoints().allMatch(c -> isAllowed(c, group)) || display.contains("  ")) {
            return new Parsed.Refused(Refusal.CHARACTERS);
        }
        return checkLook(display);
    }

    private static Parsed checkLook(String display) {
        SpoofChecker checker = Spoof.CHECKER;
        if (checker.failsChecks(display)) {
            return new Parsed.Refused(Refusal.LOOK_ALIKE);
        }
        String key = fold(display);
        return new Parsed.Accepted(new Username(display, key, checker.getSkeleton(key)));
    }

    private static boolean isAllowed(int c, boolean group) {
        if (Character.isLetterOrDigit(c) || Character.getType(c) == Character.NON_SPACING_MARK) {
            return true;
        }
        return (group ? "._-+@ &()/'" : "._-+@").indexOf(c) >= 0;
    }

    /** Control, format (zero width, direction), private, unassigned characters, surrogates alone, and odd spaces. */
    private static boolean hasInvisible(String text) {
        return text.codePoints().anyMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default -> isBlankLetter(c);
        });
    }

    /** Letters and marks that are drawn as nothing (Default_Ignorable_Code_Point outside the format characters). */
    private static boolean isBlankLetter(int c) {
        return c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || (c >= 0xFE00 && c <= 0xFE0F);
    }

    private static String fold(String text) {
        String lower = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(lower, Normalizer.Form.NFKC);
    }

    /** Loaded only when a name is created: the tables of look-alikes are large. */
    private static final class Spoof {
        static final SpoofChecker CHECKER = new SpoofChecker.Builder()
                .setChecks(SpoofChecker.RESTRICTION_LEVEL | SpoofChecker.INVISIBLE | SpoofChecker.MIXED_NUMBERS)
                .setRestrictionLevel(SpoofChecker.RestrictionLevel.HIGHLY_RESTRICTIVE)
                .build();
    }
}
