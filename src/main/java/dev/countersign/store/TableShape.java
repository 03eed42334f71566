package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table as its database describes it: whoever copies tables asks the database for them, so that one that is added is copied
 * from that day on.
 *
 * @param references the other tables its rows point to
 * @param numbered the column that numbers the rows by itself
 */
public record TableShape(String name, List<Column> columns, Set<String> references, Optional<String> numbered) {
    /** What the migrations and copies need themselves, and what no database is copied with. */
    static final Set<String> OWN = Set.of("schema_history", UnfinishedCopy.TABLE);

    /** What a column holds. */
    public enum Kind {
        TEXT,
        SHORT_NUMBER,
        NUMBER,
        BYTES;

        /** PostgreSQL has two widths of numbers where SQLite has one. */
        public boolean holdsTheSameAs(Kind other) {
            return this == other || (isNumber() && other.isNumber());
        }

        boolean isNumber() {
            return this == SHORT_NUMBER || this == NUMBER;
        }
    }

    /** A column of a table. */
    public record Column(String name, Kind kind) {}

    public TableShape {
        columns = List.copyOf(columns);
        references = Set.copyOf(references);
    }

    /** All tables of this database, each after those it points to. */
    static List<TableShape> of(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        List<TableShape> shapes = new ArrayList<>();
        for (String table : names(connection, data)) {
            shapes.add(shape(connection, data, table));
        }
        return inOrder(shapes);
    }

    private static Set<String> names(Connection connection, DatabaseMetaData data) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (ResultSet tables = data.getTables(null, connection.getSchema(), "%", new String[] {"TABLE"})) {
            while (tables.next()) {
                names.add(tables.getString("TABLE_NAME"));
            }
        }
        names.removeIf(name -> name.startsWith("sqlite_") || OWN.contains(name));
        return names;
    }

    private static TableShape shape(Connection connection, DatabaseMetaData data, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        Optional<String> numbered = Optional.empty();
        try (ResultSet rows = data.getColumns(null, connection.getSchema(), escaped(data, table), "%")) {
            while (rows.next()) {
                String column = rows.getString("COLUMN_NAME");
                columns.add(new Column(column, kind(table, column, rows.getString("TYPE_NAME"))));
                if ("YES".equals(rows.getString("IS_AUTOINCREMENT"))) {
                    numbered = Optional.of(column);
                }
            }
        }
        Set<String> references = new TreeSet<>();
        try (ResultSet keys = data.getImportedKeys(null, connection.getSchema(), table)) {
            while (keys.next()) {
                references.add(keys.getString("PKTABLE_NAME"));
            }
        }
        references.remove(table);
        return new TableShape(table, columns, references, numbered);
    }

    /** The name as a pattern that means this name alone. */
    private static String escaped(DatabaseMetaData data, String table) throws SQLException {
        return table.replace("_", data.getSearchStringEscape() + "_");
    }

    private static Kind kind(String table, String column, @Nullable String type) {
        return switch (String.valueOf(type).toLowerCase(Locale.ROOT)) {
            case "text" -> Kind.TEXT;
            case "integer", "int4" -> Kind.SHORT_NUMBER;
            case "bigint", "int8", "bigserial" -> Kind.NUMBER;
            case "bytea", "blob" -> Kind.BYTES;
            default ->
                throw new StartFailure(
                        StartFailure.Kind.DATABASE,
                        "The column " + table + "." + column + " has the type " + type + ", which cannot be copied.");
        };
    }

    private static List<TableShape> inOrder(List<TableShape> shapes) {
        List<TableShape> waiting = new ArrayList<>(shapes);
        List<TableShape> ordered = new ArrayList<>();
        Set<String> placed = new TreeSet<>();
        while (!waiting.isEmpty()) {
            List<TableShape> next = waiting.stream()
                    .filter(shape -> placed.containsAll(shape.references()))
                    .toList();
            if (next.isEmpty()) {
                throw new StartFailure(
                        StartFailure.Kind.DATABASE,
                        "These tables point to one another in a circle, or to one that is not there: "
                                + waiting.stream().map(TableShape::name).collect(Collectors.joining(", ")));
            }
            next.forEach(shape -> placed.add(shape.name()));
            ordered.addAll(next);
            waiting.removeAll(next);
        }
        return List.copyOf(ordered);
    }

    /** The columns for a statement, in their order. */
    String columnList() {
        return columns.stream().map(column -> '"' + column.name() + '"').collect(Collectors.joining(", "));
    }

    /**
     * This table with its columns in the order of another's, whose rows it is to take.
     *
     * @throws StartFailure when they are not the same columns
     */
    public TableShape inOrderOf(TableShape other) {
        List<Column> ordered = new ArrayList<>();
        for (Column theirs : other.columns) {
            ordered.add(columns.stream()
                    .filter(ours ->
                            ours.name().equals(theirs.name()) && ours.kind().holdsTheSameAs(theirs.kind()))
                    .findAny()
                    .orElseThrow(() -> differs(name + "." + theirs.name())));
        }
        if (ordered.size() != columns.size()) {
            throw differs(name);
        }
        return new TableShape(name, ordered, references, numbered);
    }

    static StartFailure differs(String what) {
        return new StartFailure(
                StartFailure.Kind.DATABASE,
                what + " is not the same where it is copied from and where it is copied to.");
    }
}
