package dev.countersign.kernel;

/** What people type. */
public final class Texts {
    private Texts() {}

    /**
     * Whether every character of it can be shown on a line and stored anywhere: no control character, which PostgreSQL refuses
     * in part, and no half of a surrogate pair, which is no character.
     */
    public static boolean isPlain(String text) {
        return text.codePoints().allMatch(Texts::isPlain);
    }

    /** The same for one character. */
    public static boolean isPlain(int codePoint) {
        return !Character.isISOControl(codePoint) && Character.getType(codePoint) != Character.SURROGATE;
    }
}
