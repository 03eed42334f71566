package dev.countersign.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.policy.Rules;
import dev.countersign.support.Crowd;
import dev.countersign.support.PgBouncer;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The real PgBouncer, which gives each transaction one of two connections to the server: what is set or prepared on one is not
 * there on the next.
 */
class PgBouncerTest {
    private static final URI DATABASE =
            URI.create(TestInstallation.newPostgresqlDatabase().substring("jdbc:".length()));

    private static PgBouncer bouncer;
    private static TestServer server;

    @BeforeAll
    static void start() {
        bouncer = PgBouncer.start(DATABASE.getPort(), 2);
        server = TestServer.start(Map.of(
                SettingKey.DATABASE_URL,
                bouncer.url(DATABASE.getPath().substring(1)),
                SettingKey.DATABASE_USER,
                "postgres"));
    }

    @AfterAll
    static void stop() {
        server.close();
        bouncer.close();
    }

    @Test
    void people_sign_in_many_at_the_same_time() throws Exception {
        server.policy(Rules.Mode.OPTIONAL);
        TestServer.Enrolled person = server.enrolled("anna.bouncer");
        TestBrowser browser = server.browser();
        assertThat(browser.signIn(
                                "anna.bouncer",
                                TestServer.PASSWORD,
                                person.app().code())
                        .location())
                .isEqualTo("/account");
        List<Integer> statuses = Crowd.together(8, () -> {
            int status = 200;
            for (int i = 0; i < 10; i++) {
                status = Math.max(status, browser.fork().get("/account").status());
            }
            return status;
        });
        assertThat(statuses).containsOnly(200);
    }

    @Test
    void every_transaction_has_its_limits_and_leaves_none_to_others() {
        Database database = server.get(Database.class);
        for (int i = 0; i < 5; i++) {
            assertThat(database.write(() -> show(database, "lock_timeout"))).isEqualTo("5s");
            assertThat(database.write(() -> show(database, "jit"))).isEqualTo("off");
            assertThat(show(database, "lock_timeout")).isEqualTo("0");
        }
    }

    private static String show(Database database, String setting) {
        return database.sql()
                .sql("SELECT current_setting('" + setting + "')")
                .query((row, _) -> row.getString(1))
                .single();
    }

    @Test
    void a_statement_may_be_sent_more_often_than_a_driver_prepares_it() {
        Database database = server.get(Database.class);
        for (int i = 0; i < 30; i++) {
            assertThat(database.sql()
                            .sql("SELECT count(*) FROM environment WHERE name <> ?")
                            .param("x" + i)
                            .query(Long.class)
                            .single())
                    .isEqualTo(1);
        }
    }

    @Test
    void a_second_server_finds_the_schema_and_starts_through_it_too() {
        try (TestServer second = server.node()) {
            assertThat(second.browser().get("/sign-in").status()).isEqualTo(200);
        }
    }
}
