package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;

/** Statements of those who copy a database, on a connection of their own. */
final class CopySql {
    private CopySql() {}

    static StartFailure failed(String what, SQLException why) {
        return new StartFailure(StartFailure.Kind.DATABASE, what + ": " + why.getMessage(), why);
    }

    /** A connection to PostgreSQL that also works through a pooler that gives each transaction another one. */
    static Connection postgresql(String url, String user, String password) {
        Properties properties = Databases.signIn(url, user, password, Databases.Patience.DEFAULT);
        try {
            Connection connection = DriverManager.getConnection(url, properties);
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            throw failed("Cannot open the database at database-url as " + user, e);
        }
    }

    static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    static int schema(Connection connection) {
        try {
            return Math.toIntExact(number(
                    connection, "SELECT coalesce(max(CAST(version AS INTEGER)), 0) FROM schema_history WHERE success"));
        } catch (SQLException e) {
            throw failed("This is no database of Countersign", e);
        }
    }

    static String installation(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM environment ORDER BY created_at, id LIMIT 1")) {
            return rows.next() ? rows.getString(1) : "";
        } catch (SQLException e) {
            throw failed("This is no database of Countersign", e);
        }
    }

    static List<TableShape> tables(Connection connection) {
        try {
            return TableShape.of(connection);
        } catch (SQLException e) {
            throw failed("The tables cannot be listed", e);
        }
    }

    static long count(Connection connection, TableShape table) {
        try {
            return number(connection, "SELECT count(*) FROM \"" + table.name() + '"');
        } catch (SQLException e) {
            throw failed("The rows of " + table.name() + " cannot be counted", e);
        }
    }

    static void close(Connection connection) {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            connection.close();
        } catch (SQLException e) {
            throw failed("The database does not close", e);
        }
    }
}
