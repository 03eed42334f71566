package dev.countersign.bench;

import dev.countersign.support.PostgresqlServer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Moves an embedded installation to PostgreSQL with the program as it is shipped; beside it the same rows by COPY, through the
 * driver alone, into tables with the same indexes.
 */
final class MoveLoad {
    private MoveLoad() {}

    static void run(Path data, int people, Report report) throws IOException, SQLException {
        Path file = ImportLoad.file(data, "person", people);
        Commands.output(List.of("bin/countersign", "account", "import", file.toString(), "--data", data.toString()));
        try (PostgresqlServer server = PostgresqlServer.start()) {
            long start = System.nanoTime();
            String answer = Commands.output(List.of(
                    "bin/countersign",
                    "move-to-postgresql",
                    "--data",
                    data.toString(),
                    "--url",
                    server.url(),
                    "--user",
                    "postgres",
                    "--json"));
            double seconds = (System.nanoTime() - start) / 1e9;
            JsonNode moved = JsonMapper.builder().build().readTree(answer);
            long rows = moved.path("rows").asLong();
            double bare = rows / bareSeconds(data, server.url());
            report.atLeast(
                    "rows moved to PostgreSQL per second, " + people + " people",
                    rows / seconds,
                    bare,
                    0.25,
                    "rows/s by COPY alone");
            report.note(
                    "%d rows in %d tables in %.1f s: the start of the program, reading SQLite, COPY, then every row read again on both"
                            + " sides and compared, and the log verified. COPY alone reads and compares nothing.",
                    rows, moved.path("tables").asInt(), seconds);
        }
    }

    /** The rows go to files first, so that only their way into the tables is measured. */
    private static double bareSeconds(Path data, String url) throws SQLException, IOException {
        try (Connection database = DriverManager.getConnection(url, "postgres", "");
                Statement statement = database.createStatement()) {
            List<String> tables = tables(statement);
            statement.execute("CREATE SCHEMA bare");
            for (String table : tables) {
                try (OutputStream out =
                        new BufferedOutputStream(Files.newOutputStream(data.resolve(table + ".copy")), 1 << 16)) {
                    database.unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut("COPY public." + table + " TO STDOUT (FORMAT binary)", out);
                }
                statement.execute("CREATE TABLE bare." + table + " (LIKE public." + table + " INCLUDING ALL)");
            }
            database.setAutoCommit(false);
            long start = System.nanoTime();
            for (String table : tables) {
                try (InputStream in =
                        new BufferedInputStream(Files.newInputStream(data.resolve(table + ".copy")), 1 << 16)) {
                    database.unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn("COPY bare." + table + " FROM STDIN (FORMAT binary)", in);
                }
                database.commit();
            }
            return (System.nanoTime() - start) / 1e9;
        }
    }

    private static List<String> tables(Statement statement) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_history'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }
}
