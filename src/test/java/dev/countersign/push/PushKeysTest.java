package dev.countersign.push;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.store.Database;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.P256;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The key that names the installation to push services, on both databases. */
class PushKeysTest {
    private static final URI PUSH = URI.create("https://push.example");

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
        private final Vault vault;

        Contract(TestInstallation on) {
            this.on = on;
            this.vault = on.get(Vault.class);
        }

        /** Another node on the same database with the same key file. */
        private PushKeys node(Map<SettingKey, String> settings) {
            Settings loaded = SettingsLoader.load(settings, Map.of(), Optional.empty());
            return new PushKeys(on.database(), vault, new TestClock(), loaded);
        }

        private PushKeys node() {
            return node(Map.of(SettingKey.BASE_URL, "https://login.northwind.example"));
        }

        private void forget() {
            on.database()
                    .write(() -> on.database()
                            .sql()
                            .sql("DELETE FROM installation_secret WHERE name = 'push'")
                            .update());
        }

        @Test
        void nodes_that_start_together_end_with_one_key() throws Exception {
            forget();
            int nodes = 8;
            CyclicBarrier together = new CyclicBarrier(nodes);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Callable<String> start = () -> {
                    PushKeys node = node();
                    together.await();
                    return node.publicKey();
                };
                List<Future<String>> keys = IntStream.range(0, nodes)
                        .mapToObj(_ -> threads.submit(start))
                        .toList();
                String first = keys.getFirst().get();
                for (Future<String> key : keys) {
                    assertThat(key.get()).isEqualTo(first);
                }
                assertThat(node().publicKey()).as("a node that starts later").isEqualTo(first);
            }
            assertThat(on.count("SELECT count(*) FROM installation_secret WHERE name = 'push'"))
                    .isEqualTo(1);
        }

        @Test
        void the_key_is_a_point_and_lies_sealed_for_its_place() throws Vault.NotOurs {
            byte[] point = Base64.getUrlDecoder().decode(node().publicKey());
            assertThat(P256.parse(point)).isPresent();
            byte[] sealed = on.database()
                    .sql()
                    .sql("SELECT sealed FROM installation_secret WHERE name = 'push'")
                    .query(byte[].class)
                    .single();
            SecretBytes opened = vault.open(sealed, new Place("installation_secret", "sealed", "push"));
            byte[] number = Arrays.copyOf(opened.reveal(), 32);
            assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
                    .doesNotContain(new String(number, StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> vault.open(sealed, new Place("installation_secret", "sealed", "other")))
                    .isInstanceOf(Vault.NotOurs.class);
        }

        /** What a transaction makes can be taken back, and the key was used by then. */
        @Test
        void a_key_is_never_made_within_someone_elses_transaction() {
            forget();
            Database database = on.database();
            assertThatThrownBy(() -> database.write(() -> node().publicKey()))
                    .isInstanceOf(IllegalStateException.class);
            String key = node().publicKey();
            assertThat(database.write(() -> node().publicKey())).isEqualTo(key);
        }

        @Test
        void a_ticket_is_for_one_push_service_and_at_most_twelve_hours() {
            String ticket = node().authorization(PUSH, NOW);
            assertThat(claims(ticket))
                    .isEqualTo("{\"aud\":\"https://push.example\",\"exp\":"
                            + NOW.plus(Duration.ofHours(12)).getEpochSecond()
                            + ",\"sub\":\"https://login.northwind.example\"}");
            assertThat(ticket).matches("vapid t=[\\w-]+\\.[\\w-]+\\.[\\w-]{86}, k=" + node().publicKey());
            String token = ticket.substring("vapid t=".length(), ticket.indexOf(','));
            int dot = token.lastIndexOf('.');
            byte[] point = Base64.getUrlDecoder().decode(node().publicKey());
            assertThat(P256.verifies(
                            P256.parse(point).orElseThrow(),
                            token.substring(0, dot).getBytes(StandardCharsets.US_ASCII),
                            Base64.getUrlDecoder().decode(token.substring(dot + 1))))
                    .isTrue();
        }

        @Test
        void a_ticket_is_kept_until_shortly_before_its_end() {
            PushKeys keys = node();
            String first = keys.authorization(PUSH, NOW);
            assertThat(keys.authorization(PUSH, NOW.plus(Duration.ofHours(10)))).isEqualTo(first);
            assertThat(keys.authorization(URI.create("https://other.example"), NOW))
                    .isNotEqualTo(first);
            Instant later = NOW.plus(Duration.ofHours(11));
            String second = keys.authorization(PUSH, later);
            assertThat(second).isNotEqualTo(first);
            assertThat(claims(second))
                    .contains("" + later.plus(Duration.ofHours(12)).getEpochSecond());
            assertThat(keys.authorization(PUSH, NOW))
                    .as("a clock that was put back")
                    .isNotEqualTo(second);
            IntStream.range(0, 1_000)
                    .forEach(i -> keys.authorization(URI.create("https://push" + i + ".example"), NOW));
            assertThat(claims(keys.authorization(PUSH, NOW))).contains("https://push.example");
        }

        @Test
        void push_services_are_told_whom_to_write_to() {
            Map<SettingKey, String> both = Map.of(
                    SettingKey.BASE_URL,
                    "https://login.northwind.example",
                    SettingKey.PUSH_CONTACT,
                    "mailto:it@northwind.example");
            assertThat(claims(node(both).authorization(PUSH, NOW)))
                    .endsWith(",\"sub\":\"mailto:it@northwind.example\"}");
            assertThat(claims(node(Map.of()).authorization(PUSH, NOW)))
                    .as("an address of this machine alone is no contact")
                    .doesNotContain("sub");
        }

        private static String claims(String ticket) {
            return new String(Base64.getUrlDecoder().decode(ticket.split("\\.", -1)[1]), StandardCharsets.UTF_8);
        }
    }

    @Test
    void the_first_start_makes_the_key_and_the_next_one_keeps_it() {
        TestServer server = TestServer.start();
        assertThat(server.count("SELECT count(*) FROM installation_secret")).isEqualTo(1);
        String key = server.get(PushKeys.class).publicKey();
        try (TestServer again = server.restart()) {
            assertThat(again.get(PushKeys.class).publicKey()).isEqualTo(key);
        }
    }
}
