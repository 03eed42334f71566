package dev.countersign.kernel;

/** What people type. */
public final class Texts {
    private Texts() {}

    /**
     * Whether every character of it can be shown on a line and stored anywhere: no control character, which PostgreSQL refuses
     * in part, and no half of a surrogate pair, which is no character.
     */
    public static boolean isPlain(String text) {
        return text.codePoints()
                .noneMatch(each -> Character.isISOControl(each) || Character.getType(each) == Character.SURROGATE);
    }
}
