package dev.countersign.directory;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The words people are found by: whoever types the beginning of one finds the person. Accents and case do not matter. */
public final class SearchWords {
    /** Grows when the rules below change, so that words made by older ones are made anew. */
    static final int VERSION = 1;

    private static final int LONGEST = 64;
    private static final int MOST = 12;
    private static final Pattern MARKS = Pattern.compile("\\p{M}+");
    private static final Pattern BETWEEN = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private SearchWords() {}

    /** The words of an account. One that another begins with is left out: whatever finds it finds the other. */
    static List<String> of(String username, String email, String displayName) {
        TreeSet<String> words = new TreeSet<>();
        add(words, username);
        add(words, email);
        BETWEEN.splitAsStream(username).forEach(part -> add(words, part));
        SPACES.splitAsStream(displayName).forEach(part -> add(words, part));
        BETWEEN.splitAsStream(displayName).forEach(part -> add(words, part));
        List<String> kept = new ArrayList<>();
        for (String word : words.descendingSet()) {
            if (kept.isEmpty() || !kept.getLast().startsWith(word)) {
                kept.add(word);
            }
        }
        return kept.stream().limit(MOST).toList();
    }

    /** What to look for when someone typed this: each is the beginning of a word, and all of them have to be found. */
    public static List<String> typed(String text) {
        return SPACES.splitAsStream(text.strip())
                .map(SearchWords::fold)
                .filter(word -> !word.isEmpty())
                .distinct()
                .limit(MOST)
                .toList();
    }

    private static void add(TreeSet<String> words, String text) {
        String word = fold(text);
        if (!word.isEmpty()) {
            words.add(word);
        }
    }

    /** Without case and accents, the first characters only. */
    static String fold(String text) {
        String plain = MARKS.matcher(Normalizer.normalize(text, Normalizer.Form.NFKD))
                .replaceAll("")
                .toLowerCase(Locale.ROOT)
                .strip();
        int end = plain.offsetByCodePoints(0, Math.min(LONGEST, plain.codePointCount(0, plain.length())));
        return plain.substring(0, end);
    }
}
