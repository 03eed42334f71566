package dev.countersign.safekeeping;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.store.Database;
import dev.countersign.store.Databases;
import dev.countersign.store.Snapshot;
import dev.countersign.store.TableShape;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every table is copied, and what becomes of it after a restore is decided and written down. */
class FateTest {
    private static final Map<String, Fate> FATES = Fate.ofAll();

    @Test
    void every_table_of_the_schema_has_a_fate() {
        Path file = TestInstallation.newDirectory().resolve("countersign.db");
        try (Database _ = Databases.openSqlite(file);
                Snapshot snapshot = Snapshot.ofSqlite(file)) {
            List<String> tables =
                    snapshot.tables().stream().map(TableShape::name).toList();
            assertThat(new TreeSet<>(FATES.keySet()))
                    .as("the tables in safekeeping/Fate: say there, and in docs/admin/backup.md, what becomes of a new"
                            + " table after a restore")
                    .isEqualTo(new TreeSet<>(tables));
        }
    }

    @Test
    void what_is_said_to_end_ends() {
        assertThat(RestoredStore.ENDED)
                .containsExactlyInAnyOrderElementsOf(FATES.entrySet().stream()
                        .filter(entry -> entry.getValue() == Fate.ENDED)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    @Test
    void the_handbook_says_it_of_each() throws IOException {
        List<String> page = Files.readAllLines(Path.of("docs/admin/backup.md"));
        FATES.forEach((table, fate) -> assertThat(page)
                .filteredOn(line -> line.startsWith("| `" + table + "` |"))
                .as(table)
                .singleElement()
                .satisfies(line -> assertThat(line.endsWith("| kept |") ? Fate.KEPT : Fate.ENDED)
                        .isEqualTo(fate == Fate.KEPT ? Fate.KEPT : Fate.ENDED)));
    }
}
