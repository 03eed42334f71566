package dev.countersign.kernel;

import java.util.List;
import java.util.stream.Collectors;

/** Lines of RFC 4180, in which no spreadsheet finds a formula. For files people look at; they are not read back. */
public final class Csv {
    private static final String BEGINS_A_FORMULA = "=+-@\t\r\n＝＋－＠";

    private Csv() {}

    /** One line with its end, every value quoted. */
    public static String line(List<String> values) {
        return values.stream().map(Csv::value).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String value(String text) {
        boolean formula = !text.isEmpty() && BEGINS_A_FORMULA.indexOf(text.charAt(0)) >= 0;
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }
}
