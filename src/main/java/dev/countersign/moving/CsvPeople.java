package dev.countersign.moving;

import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** A table of people: the first row names the columns, as the fields of {@link JsonLines}; groups are separated by semicolons. */
final class CsvPeople implements ItemReader {
    private static final Pattern SEMICOLON = Pattern.compile(";");
    private static final Set<String> YES = Set.of("true", "yes", "1");
    private static final Set<String> NO = Set.of("false", "no", "0");

    private final CsvRows rows;
    private List<String> header = List.of();
    private boolean broken;

    CsvPeople(InputStream stream) {
        this.rows = new CsvRows(stream);
    }

    @Override
    public Optional<Item> next() throws IOException {
        if (header.isEmpty() && !broken) {
            Optional<Item> problem = readHeader();
            if (problem.isPresent()) {
                return problem;
            }
        }
        return broken ? Optional.empty() : rows.next().map(this::item);
    }

    private Optional<Item> readHeader() throws IOException {
        Optional<CsvRows.Row> first = rows.next();
        if (first.isEmpty()) {
            broken = true;
            return Optional.of(new Item.Broken(1, "The file is empty. Its first row names the columns."));
        }
        Optional<String> problem = switch (first.get()) {
            case CsvRows.Row.Cells(long _, List<String> cells) -> readNames(cells);
            case CsvRows.Row.TooLong _ -> Optional.of("The first row cannot be read as names of columns.");
            case CsvRows.Row.Broken(long _, String reason) -> Optional.of(reason);
        };
        return problem.map(reason -> {
            broken = true;
            return new Item.Broken(1, reason);
        });
    }

    private Optional<String> readNames(List<String> cells) {
        Map<String, String> known = new HashMap<>();
        JsonLines.FIELDS.forEach(field -> known.put(field.toLowerCase(Locale.ROOT), field));
        List<String> names = cells.stream()
                .map(cell -> known.getOrDefault(cell.strip().toLowerCase(Locale.ROOT), "?" + cell.strip()))
                .toList();
        Optional<String> unknown =
                names.stream().filter(name -> name.startsWith("?")).findFirst();
        if (unknown.isPresent()) {
            return Optional.of("The first row names a column \""
                    + Refusals.shown(unknown.get().substring(1))
                    + "\". Columns: username, email, name, groups, locale, passwordHash, totp, disabled, role.");
        }
        if (!names.contains("username") || new HashSet<>(names).size() != names.size()) {
            return Optional.of("The first row must name the column username, and no column twice.");
        }
        header = names;
        return Optional.empty();
    }

    private Item item(CsvRows.Row row) {
        return switch (row) {
            case CsvRows.Row.TooLong(long line) -> new Item.Unreadable(line, "", Reason.of(Reason.Code.ROW_TOO_LONG));
            case CsvRows.Row.Broken(long line, String reason) -> {
                broken = true;
                yield new Item.Broken(line, reason);
            }
            case CsvRows.Row.Cells(long line, List<String> cells) -> person(line, cells);
        };
    }

    private Item person(long line, List<String> cells) {
        if (cells.size() > header.size()) {
            return new Item.Unreadable(
                    line, "", Reason.of(Reason.Code.ROW_TOO_MANY_CELLS, cells.size(), header.size()));
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isBlank()) {
                values.put(header.get(i), cells.get(i));
            }
        }
        String username = values.getOrDefault("username", "");
        Optional<String> disabled =
                find(values, "disabled").map(text -> text.strip().toLowerCase(Locale.ROOT));
        if (username.isBlank()) {
            return new Item.Unreadable(line, "", Reason.of(Reason.Code.USERNAME_MISSING));
        }
        if (disabled.filter(text -> !YES.contains(text) && !NO.contains(text)).isPresent()) {
            return new Item.Unreadable(line, username, Reason.of(Reason.Code.FIELD_NOT_FLAG, "disabled"));
        }
        return new Item.Person(
                line,
                new Arrival(
                        username,
                        find(values, "email"),
                        find(values, "name"),
                        groups(values),
                        false,
                        find(values, "locale"),
                        find(values, "passwordHash").map(SecretText::of),
                        false,
                        find(values, "totp").map(SecretText::of),
                        disabled.map(YES::contains),
                        find(values, "role")));
    }

    private static List<String> groups(Map<String, String> values) {
        return find(values, "groups").stream()
                .flatMap(SEMICOLON::splitAsStream)
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static Optional<String> find(Map<String, String> values, String column) {
        return Optional.ofNullable(values.get(column));
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
