package dev.countersign.moving;

/** Words about what is not taken. */
final class Refusals {
    private static final int LONGEST = 80;
    private static final int LONGEST_ARGUMENT = 400;

    private Refusals() {}

    /** Text that stands in a sentence: on one line, and not longer than a line. */
    static String oneLine(String text) {
        String safe = text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "\uFFFD");
        return safe.length() <= LONGEST_ARGUMENT ? safe : safe.substring(0, LONGEST_ARGUMENT) + "...";
    }

    /** Text from a file, short and without anything that could move a cursor. */
    static String shown(String text) {
        String safe = text.replaceAll("[\\p{Cntrl}\\p{Cf}]", "\uFFFD");
        return safe.length() <= LONGEST ? safe : safe.substring(0, LONGEST) + "...";
    }
}
