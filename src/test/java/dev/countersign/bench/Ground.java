package dev.countersign.bench;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.ServerProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An installation to measure, on SQLite or on a PostgreSQL of its own with the settings it comes with.
 *
 * @param options of the product
 * @param loader the JDBC address for filling tables
 */
record Ground(Path data, boolean postgresql, Map<SettingKey, String> options, String loader) {
    interface Work {
        void on(Ground ground) throws Exception;
    }

    static void in(Path data, boolean postgresql, Work work) throws Exception {
        Map<SettingKey, String> options = new HashMap<>();
        options.put(SettingKey.DATA, data.toString());
        options.put(SettingKey.PORT, "0");
        if (!postgresql) {
            work.on(new Ground(data, false, options, "jdbc:sqlite:" + data.resolve("countersign.db")));
            return;
        }
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data.resolve("postgresql"))
                .setCleanDataDirectory(false)
                .start()) {
            String url = server.getJdbcUrl("postgres", "postgres");
            options.put(SettingKey.DATABASE_URL, url);
            options.put(SettingKey.DATABASE_USER, "postgres");
            work.on(new Ground(data, true, options, url + "&reWriteBatchedInserts=true"));
        }
    }

    String name() {
        return postgresql ? "PostgreSQL" : "SQLite";
    }

    /** What PostgreSQL has used so far, with the processes that serve its connections, in seconds of one processor. */
    double databaseSeconds() throws IOException {
        if (!postgresql) {
            return 0;
        }
        String first = Files.readAllLines(data.resolve("postgresql").resolve("postmaster.pid"))
                .getFirst()
                .strip();
        ProcessHandle server = ProcessHandle.of(Long.parseLong(first)).orElseThrow();
        return ProcessorTime.seconds(server.pid())
                + server.children()
                        .mapToDouble(child -> ProcessorTime.seconds(child.pid()))
                        .sum();
    }

    /** The program as it is shipped, in a process of its own. */
    ServerProcess serve() {
        List<String> command = new ArrayList<>(List.of("env"));
        if (postgresql) {
            command.add("COUNTERSIGN_DATABASE_URL=" + options.get(SettingKey.DATABASE_URL));
            command.add("COUNTERSIGN_DATABASE_USER=postgres");
        }
        command.add("bin/countersign");
        return ServerProcess.start(command, data);
    }
}
