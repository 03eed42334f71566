package dev.countersign.directory;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/** A mail address, as far as it can be judged without writing to it. */
public final class EmailAddress {
    private static final Pattern SHAPE = Pattern.compile(
            "[^\\s\\p{Cntrl}\\p{Cs}@<>\"(),:;\\[\\]\\\\]{1,64}@[\\p{L}\\p{N}-]{1,63}(\\.[\\p{L}\\p{N}-]{1,63}){0,10}");

    private EmailAddress() {}

    public static boolean isValid(String address) {
        return address.length() <= 254 && SHAPE.matcher(address).matches();
    }

    /** Equal for all spellings of one address. */
    public static String key(String address) {
        return Normalizer.normalize(address.strip(), Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    }
}
