package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.TestInstallation;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Nothing that is sealed or hashed is forgotten when keys change: the list in the code is that of the schema. */
class SealedColumnsTest {
    private static final String OF_SQLITE = """
            SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'""";
    private static final String OF_POSTGRESQL = """
            SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'""";

    @Nested
    class OnSqlite {
        @Test
        void the_list_is_complete() {
            check(TestInstallation.sqlite(), OF_SQLITE);
        }
    }

    @Nested
    class OnPostgresql {
        @Test
        void the_list_is_complete() {
            check(TestInstallation.postgresql(), OF_POSTGRESQL);
        }
    }

    private static void check(TestInstallation on, String query) {
        List<String> columns =
                on.database().sql().sql(query).query(String.class).list();
        assertThat(columns.stream().filter(name -> name.matches(".*\\.sealed(_.*)?")))
                .as("register a new sealed column in SealedColumns")
                .containsExactlyInAnyOrderElementsOf(
                        SealedColumns.ALL.stream().map(SealedColumn::name).toList());
        assertThat(new TreeSet<>(
                        columns.stream().filter(name -> name.endsWith("_hash")).collect(Collectors.toSet())))
                .as("say in SealedColumns what happens to a new hash when keys change, and in docs/admin/keys.md")
                .isEqualTo(new TreeSet<>(SealedColumns.HASHES.keySet()));
    }
}
