package dev.countersign.store;

import dev.countersign.kernel.StartFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * What a database says of itself while another is copied into it. Nothing is served from it until this is gone.
 *
 * @param source names what is copied: the same state of the same database, or the same backup
 */
public record UnfinishedCopy(Kind kind, String source) {
    static final String TABLE = "unfinished_copy";

    /** Why a database is filled from another. */
    public enum Kind {
        MOVE("move to PostgreSQL", "countersign move-to-postgresql"),
        RESTORE("restore", "countersign restore");

        private final String words;
        private final String command;

        Kind(String words, String command) {
            this.words = words;
            this.command = command;
        }
    }

    static Optional<UnfinishedCopy> find(Connection connection) throws SQLException {
        if (!exists(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT kind, source FROM " + TABLE + " WHERE table_name = ''");
                ResultSet rows = statement.executeQuery()) {
            return rows.next()
                    ? Optional.of(new UnfinishedCopy(
                            Kind.valueOf(rows.getString("kind").toUpperCase(Locale.ROOT)), rows.getString("source")))
                    : Optional.empty();
        }
    }

    private static boolean exists(Connection connection) throws SQLException {
        try (ResultSet tables = connection
                .getMetaData()
                .getTables(null, connection.getSchema(), TABLE.replace("_", "\\_"), new String[] {"TABLE"})) {
            return tables.next();
        }
    }

    /** Refuses a database that is the beginning of a copy. */
    static void refuse(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            Optional<UnfinishedCopy> unfinished = find(connection);
            if (unfinished.isPresent()) {
                throw refusal(unfinished.get().kind());
            }
        } catch (SQLException e) {
            throw CopySql.failed("The database does not open", e);
        }
    }

    static StartFailure refusal(Kind kind) {
        return new StartFailure(
                StartFailure.Kind.DATABASE,
                "This database is not whole: a " + kind.words + " was begun and not finished. Run it again: "
                        + kind.command);
    }

    /** The copy is whole: inside {@link Database#write}, with what else is to be true from now on. */
    public static void finish(Database database) {
        database.requireTransaction();
        database.sql().sql("DELETE FROM " + TABLE).update();
    }
}
