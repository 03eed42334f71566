package dev.countersign.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.store.Databases;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Vault;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What servers on one database know of each other. */
class NodeFactsTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    abstract static class Contract {
        private final TestInstallation on;
        private final Path keys = TestInstallation.newDirectory().resolve("keys");

        Contract(TestInstallation on) {
            this.on = on;
            KeyFile.create(keys, TestInstallation.NOW.minusSeconds(60));
        }

        @BeforeEach
        @AfterEach
        void nobody_runs() {
            on.database()
                    .write(() -> on.database().sql().sql("DELETE FROM node").update());
        }

        private Nodes node(Map<SettingKey, String> settings) {
            return new Nodes(
                    on.database(),
                    new NodeStore(on.database()),
                    SettingsLoader.load(settings, Map.of(), Optional.empty()),
                    KeyFile.open(keys),
                    new Randomness());
        }

        @Test
        void servers_whose_settings_do_not_agree_are_noticed_until_they_do() {
            Instant now = TestInstallation.NOW;
            Nodes one = node(Map.of(SettingKey.NAME, "Northwind", SettingKey.REQUESTS_PER_MINUTE, "600"));
            Nodes same = node(Map.of(
                    SettingKey.NAME, "Northwind", SettingKey.REQUESTS_PER_MINUTE, "600", SettingKey.PORT, "9999"));
            Nodes other = node(Map.of(SettingKey.NAME, "Southwind: x", SettingKey.REQUESTS_PER_MINUTE, "601"));
            one.say(now);
            same.say(now);
            assertThat(one.alive(now)).hasSize(2);
            assertThat(one.disagreements(now)).as("a port is each server's own").isEmpty();
            other.say(now);
            for (Nodes asked : List.of(one, same, other)) {
                assertThat(asked.disagreements(now))
                        .containsExactlyInAnyOrder(
                                SettingKey.NAME.configName(), SettingKey.REQUESTS_PER_MINUTE.configName());
            }
            other.leave();
            assertThat(one.disagreements(now)).isEmpty();
            assertThat(one.alive(now)).hasSize(2);
        }

        @Test
        void who_is_silent_for_a_minute_does_not_run() {
            Instant now = TestInstallation.NOW;
            Nodes silent = node(Map.of(SettingKey.NAME, "Southwind"));
            Nodes talking = node(Map.of(SettingKey.NAME, "Northwind"));
            silent.say(now);
            for (int seconds = 0; seconds <= 60; seconds += 5) {
                talking.say(now.plusSeconds(seconds));
            }
            assertThat(talking.disagreements(now.plusSeconds(60))).isNotEmpty();
            assertThat(talking.disagreements(now.plusSeconds(61))).isEmpty();
            assertThat(talking.alive(now.plusSeconds(61))).hasSize(1);
        }

        @Test
        void a_key_that_was_added_is_said_at_once() {
            Instant now = TestInstallation.NOW;
            Nodes node = node(Map.of());
            Vault vault = KeyFile.open(keys);
            node.say(now);
            String before = KeyInfo.primaryOf(vault.keysNow());
            assertThat(facts(node, now).keys()).containsExactly(before);
            assertThat(facts(node, now).primaryKey()).isEqualTo(before);
            String added = KeyFile.add(keys, now);
            node.say(now.plusSeconds(1));
            assertThat(facts(node, now).keys()).containsExactly(before, added);
            assertThat(facts(node, now).primaryKey()).isEqualTo(before);
        }

        private static Nodes.Facts facts(Nodes node, Instant now) {
            List<Nodes.Node> alive = node.alive(now);
            assertThat(alive).hasSize(1);
            return alive.getFirst().facts();
        }

        /** It says nothing of its keys there, and so counts as one that has none: nothing seals with a key it may not have. */
        @Test
        void a_server_of_the_version_before_is_heard_and_has_no_keys() {
            Instant now = TestInstallation.NOW;
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("INSERT INTO node (id, settings, started_at, seen_at) VALUES (?, 'name: Old', 0, ?)")
                            .params(TestInstallation.fresh("old"), now.toEpochMilli())
                            .update());
            Nodes node = node(Map.of());
            assertThat(facts(node, now).keys()).containsExactly("");
            node.say(now);
            assertThat(node.disagreements(now)).containsExactly(SettingKey.NAME.configName());
        }
    }

    @Test
    void who_cannot_write_knows_and_tries_again() {
        Path file = TestInstallation.newDirectory().resolve("countersign.db");
        Path keys = file.resolveSibling("keys");
        KeyFile.create(keys, TestInstallation.NOW);
        var database = Databases.openSqlite(file);
        Nodes node = new Nodes(
                database,
                new NodeStore(database),
                SettingsLoader.load(Map.of(), Map.of(), Optional.empty()),
                KeyFile.open(keys),
                new Randomness());
        node.say(TestInstallation.NOW);
        assertThat(node.fault()).isEmpty();
        String refuses =
                "CREATE TRIGGER refuses BEFORE INSERT ON node BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END";
        database.write(() -> database.sql().sql(refuses).update());
        node.say(TestInstallation.NOW.plusSeconds(5));
        assertThat(node.fault()).as("nothing had to be said").isEmpty();
        assertThatThrownBy(() -> node.say(TestInstallation.NOW.plusSeconds(10))).isInstanceOf(RuntimeException.class);
        assertThat(node.fault()).hasValueSatisfying(why -> assertThat(why).contains("disk I/O error"));
        database.write(() -> database.sql().sql("DROP TRIGGER refuses").update());
        node.say(TestInstallation.NOW.plusSeconds(11));
        assertThat(node.fault()).as("it does not wait ten seconds to try again").isEmpty();
        database.close();
    }
}
