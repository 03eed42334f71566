package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.support.TestInstallation;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements that are kept are as good as new ones. */
class SqliteConnectionTest {
    private static final String ADD = "INSERT INTO thing (id, name) VALUES (?, ?)";
    private static final String FIND = "SELECT * FROM thing WHERE id = ?";
    private static final String ALL = "SELECT id FROM thing ORDER BY id";

    private final String url = "jdbc:sqlite:"
            + TestInstallation.newDirectory().resolve("things.db").toAbsolutePath();
    private SqliteConnection one;
    private Connection other;

    @BeforeEach
    void open() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("journal_mode", "WAL");
        one = new SqliteConnection(url, properties);
        other = DriverManager.getConnection(url, properties);
        run(other, "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)");
    }

    @AfterEach
    void close() throws SQLException {
        one.close();
        other.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void add(int id, String name) throws SQLException {
        try (PreparedStatement statement = one.prepareStatement(ADD)) {
            statement.setInt(1, id);
            statement.setString(2, name);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private String name(int id) throws SQLException {
        try (PreparedStatement statement = one.prepareStatement(FIND)) {
            statement.setInt(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString("name") : "-";
            }
        }
    }

    @Test
    void each_statement_is_prepared_once_and_answers_what_it_is_asked() throws SQLException {
        add(1, "one");
        add(2, "two");
        assertThat(name(1)).isEqualTo("one");
        assertThat(name(2)).isEqualTo("two");
        assertThat(name(3)).isEqualTo("-");
        assertThat(one.kept()).isEqualTo(2);
    }

    @Test
    void nothing_of_who_had_it_before_is_bound_to_it() throws SQLException {
        add(1, "secret");
        try (PreparedStatement statement = one.prepareStatement(ADD)) {
            statement.setInt(1, 2);
            statement.executeUpdate();
        }
        assertThat(name(2)).isNull();
        try (PreparedStatement statement = one.prepareStatement(ADD)) {
            statement.setInt(1, 3);
            statement.addBatch();
        }
        try (PreparedStatement statement = one.prepareStatement(ADD)) {
            assertThat(statement.executeBatch()).isEmpty();
        }
    }

    @Test
    void one_that_is_in_use_is_given_to_nobody_else() throws SQLException {
        add(1, "one");
        add(2, "two");
        try (PreparedStatement outer = one.prepareStatement(ALL);
                ResultSet rows = outer.executeQuery()) {
            rows.next();
            try (PreparedStatement inner = one.prepareStatement(ALL)) {
                assertThat(inner).isNotSameAs(outer);
                inner.executeQuery().next();
            }
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(2);
        }
        assertThat(one.kept()).as("one of them, and the one that adds").isEqualTo(2);
    }

    @Test
    void one_that_is_closed_says_so_and_holds_nothing_open() throws SQLException {
        add(1, "one");
        add(2, "two");
        PreparedStatement asked = one.prepareStatement(ALL);
        asked.execute();
        PreparedStatement begun = one.prepareStatement("SELECT name FROM thing");
        begun.executeQuery().next();
        asked.close();
        begun.close();
        assertThat(asked.isClosed()).isTrue();
        asked.close();
        run(other, "INSERT INTO thing VALUES (9, 'nine')");
        try (Statement statement = other.createStatement();
                ResultSet busy = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
            assertThat(busy.getInt(1)).as("somebody still reads").isZero();
        }
        assertThat(name(9)).isEqualTo("nine");
    }

    @Test
    void one_that_was_refused_can_be_used_again() throws SQLException {
        add(1, "one");
        assertThatThrownBy(() -> add(1, "again")).isInstanceOf(SQLException.class);
        add(2, "two");
        assertThat(name(2)).isEqualTo("two");
    }

    @Test
    void tables_that_another_process_changed_are_asked_as_they_are_now() throws SQLException {
        add(1, "one");
        assertThat(name(1)).isEqualTo("one");
        run(other, "ALTER TABLE thing ADD COLUMN more TEXT DEFAULT 'x'");
        run(other, "CREATE INDEX thing_name ON thing (name)");
        add(2, "two");
        assertThat(name(2)).isEqualTo("two");
        run(other, "DROP TABLE thing");
        run(other, "CREATE TABLE thing (id INTEGER PRIMARY KEY, more TEXT, name TEXT)");
        add(3, "three");
        assertThat(name(3)).isEqualTo("three");
    }

    @Test
    void no_more_are_kept_than_it_says_and_the_latest_stay() throws SQLException {
        for (int i = 0; i < 3 * SqliteConnection.MOST_KEPT; i++) {
            add(i, "number " + i);
            one.prepareStatement("SELECT " + i).close();
        }
        assertThat(one.kept()).isEqualTo(SqliteConnection.MOST_KEPT);
        assertThat(name(5)).isEqualTo("number 5");
    }

    @Test
    void after_the_connection_nothing_is_given() throws SQLException {
        PreparedStatement open = one.prepareStatement(ALL);
        one.close();
        open.close();
        assertThat(open.isClosed()).isTrue();
        assertThatThrownBy(() -> one.prepareStatement(ALL)).isInstanceOf(SQLException.class);
    }
}
