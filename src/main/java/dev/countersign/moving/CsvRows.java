package dev.countersign.moving;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows of a CSV file (RFC 4180) in UTF-8, each within bounds. The separator is the first of comma, semicolon and tab in
 * the first row. A quotation mark before a character that would begin a formula in a spreadsheet is taken away again.
 */
final class CsvRows implements AutoCloseable {
    private static final int MOST_CELLS = 64;
    private static final int MOST_CHARACTERS = 64 * 1024;
    private static final String FORMULA = "=+-@\t\r\n'＝＋－＠";

    private final BufferedReader characters;
    private long line = 1;
    private char separator;
    private int pushedBack = NOTHING;

    private static final int END = -1;
    private static final int NOTHING = -2;

    CsvRows(InputStream stream) {
        this.characters = new BufferedReader(
                new InputStreamReader(
                        stream,
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)),
                1 << 16);
    }

    /** What stands between two ends of line. */
    sealed interface Row {
        record Cells(long line, List<String> cells) implements Row {}

        record TooLong(long line) implements Row {}

        /** The file cannot be read from here on. */
        record Broken(long line, String reason) implements Row {}
    }

    /** The cell as it is written to a file that a spreadsheet may open. */
    static String neutral(String value) {
        boolean risky = !value.isEmpty() && FORMULA.indexOf(value.charAt(0)) >= 0;
        return risky ? "'" + value : value;
    }

    private static String original(String cell) {
        boolean neutralised = cell.length() > 1 && cell.charAt(0) == '\'' && FORMULA.indexOf(cell.charAt(1)) >= 0;
        return neutralised ? cell.substring(1) : cell;
    }

    /** A row as text, quoted where it must be. */
    static String write(List<String> cells) {
        List<String> written = new ArrayList<>();
        for (String cell : cells) {
            String safe = neutral(cell);
            boolean quoted =
                    safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r' || c == ';' || c == '\t');
            written.add(quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe);
        }
        return String.join(",", written) + "\r\n";
    }

    /** The next row that is not empty; nothing at the end. */
    Optional<Row> next() throws IOException {
        try {
            while (true) {
                Optional<Row> row = read();
                boolean blank = row.isPresent()
                        && row.get() instanceof Row.Cells(long _, List<String> cells)
                        && cells.size() == 1
                        && cells.getFirst().isBlank();
                if (!blank) {
                    return row;
                }
            }
        } catch (CharacterCodingException e) {
            return Optional.of(new Row.Broken(line, "The file is not UTF-8 near this line. Save it as \"CSV UTF-8\"."));
        }
    }

    private Optional<Row> read() throws IOException {
        int c = take();
        if (c == '\uFEFF' && line == 1) {
            c = take();
        }
        if (c == END) {
            return Optional.empty();
        }
        long first = line;
        Cells cells = new Cells();
        while (c != END && c != '\n') {
            if (c == '"' && cells.atStart()) {
                if (!quoted(cells)) {
                    return Optional.of(new Row.Broken(first, "A quotation mark opened on this line is never closed."));
                }
            } else if (isSeparator(c)) {
                cells.end();
            } else if (c != '\r' || !followedByLineEnd()) {
                cells.add(c);
            }
            c = take();
        }
        if (c == '\n') {
            line++;
        }
        if (separator == 0) {
            separator = ',';
        }
        return Optional.of(cells.row(first));
    }

    /** Reads to the closing quotation mark; false when the file ends before it. */
    private boolean quoted(Cells cells) throws IOException {
        cells.quote();
        while (true) {
            int c = take();
            if (c == END) {
                return false;
            }
            if (c == '"') {
                int next = take();
                if (next != '"') {
                    pushedBack = next;
                    return true;
                }
            }
            if (c == '\n') {
                line++;
            }
            cells.add(c);
        }
    }

    private boolean isSeparator(int c) {
        if (separator == 0 && (c == ',' || c == ';' || c == '\t')) {
            separator = (char) c;
        }
        return c == separator && separator != 0;
    }

    private boolean followedByLineEnd() throws IOException {
        pushedBack = take();
        return pushedBack == '\n' || pushedBack == END;
    }

    private int take() throws IOException {
        if (pushedBack != NOTHING) {
            int c = pushedBack;
            pushedBack = NOTHING;
            return c;
        }
        return characters.read();
    }

    /** The cells of a row while it is read; what is beyond the bounds is counted and forgotten. */
    private static final class Cells {
        private final List<String> done = new ArrayList<>();
        private final StringBuilder cell = new StringBuilder();
        private int characters;
        private boolean started;
        private boolean tooLong;

        boolean atStart() {
            return !started;
        }

        void quote() {
            started = true;
        }

        void add(int c) {
            started = true;
            if (characters++ < MOST_CHARACTERS) {
                cell.append((char) c);
            } else {
                characters = MOST_CHARACTERS;
                tooLong = true;
            }
        }

        void end() {
            if (done.size() < MOST_CELLS) {
                done.add(original(cell.toString()));
            } else {
                tooLong = true;
            }
            cell.setLength(0);
            started = false;
        }

        Row row(long line) {
            end();
            return tooLong ? new Row.TooLong(line) : new Row.Cells(line, List.copyOf(done));
        }
    }

    @Override
    public void close() throws IOException {
        characters.close();
    }
}
