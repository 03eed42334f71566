package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.StartFailure;
import dev.countersign.policy.Rules;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.support.PostgresqlServer;
import dev.countersign.support.Soon;
import dev.countersign.support.TcpLink;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** AC-232: a copy of the database that lags behind answers nothing, wherever the address leads. */
class StandbyTest {
    private static final String GATE = "/api/authz/forward-auth";
    private static final PostgresqlServer PRIMARY = PostgresqlServer.start();
    private static final PostgresqlServer STANDBY = PostgresqlServer.none();
    private static final TestServer SERVER = started();

    private static TestServer started() {
        STANDBY.follow(PRIMARY);
        return TestServer.start(PostgresqlServer.settings(STANDBY, PRIMARY));
    }

    @BeforeAll
    static void what_is_written_stays_unseen_at_the_standby() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        STANDBY.close();
        PRIMARY.close();
    }

    private static long sessionsAt(PostgresqlServer postgresql) {
        try (Connection connection = postgresql.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM session")) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Signed in, which the standby knows, and signed out again, which it does not. */
    private static TestBrowser signedInAtTheStandbyOnly(Enrolled person) {
        TestBrowser browser = Pages.signedIn(SERVER, person);
        Session session = SERVER.get(Sessions.class)
                .liveOf(person.account().id(), SERVER.clock().instant())
                .getFirst();
        assertThat(Soon.becomes(() -> sessionsAt(STANDBY) == sessionsAt(PRIMARY)))
                .isTrue();
        STANDBY.execute("SELECT pg_wal_replay_pause()");
        SERVER.get(Sessions.class)
                .end(
                        person.account().environment(),
                        person.account().id(),
                        session.id(),
                        ActivityEvent.EndReason.ENDED_BY_OWNER,
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        assertThat(sessionsAt(STANDBY)).isEqualTo(sessionsAt(PRIMARY) + 1);
        return browser;
    }

    @Test
    void ac_232_of_several_hosts_the_one_that_takes_writes_is_asked_though_another_is_named_first() {
        Enrolled person = SERVER.enrolled("anna");
        TestBrowser browser = signedInAtTheStandbyOnly(person);
        try {
            assertThat(browser.fork().get("/account").status()).isEqualTo(303);
            assertThat(browser.fork().get(GATE).status()).isNotEqualTo(200);
            TestBrowser again = Pages.pastPassword(SERVER, person.account());
            assertThat(again.post("/sign-in/code", "code", person.app().code()).location())
                    .as("a code that the standby does not know to be used")
                    .contains("problem=");
        } finally {
            STANDBY.execute("SELECT pg_wal_replay_resume()");
        }
    }

    @Test
    void ac_232_a_standby_alone_serves_nobody_and_says_why() {
        Map<SettingKey, String> alone = new EnumMap<>(PostgresqlServer.settings(STANDBY));
        alone.put(
                SettingKey.KEY_FILE,
                SERVER.directory().resolve("countersign.keys").toString());
        assertThatThrownBy(() -> TestServer.start(alone))
                .isInstanceOfSatisfying(
                        StartFailure.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StartFailure.Kind.DATABASE))
                .hasMessageContaining("takes no writes");
    }

    @Test
    void ac_232_a_name_that_leads_to_the_standby_is_not_believed() {
        Enrolled person = SERVER.enrolled("bea");
        TestBrowser browser = signedInAtTheStandbyOnly(person);
        try (TcpLink name = new TcpLink(PRIMARY.port());
                TestServer node = SERVER.node(Map.of(
                        SettingKey.DATABASE_URL, PRIMARY.url().replace(":" + PRIMARY.port(), ":" + name.port())))) {
            assertThat(browser.fork().at(node.url()).get("/account").status()).isEqualTo(303);
            name.leadTo(STANDBY.port());
            for (int i = 0; i < 40; i++) {
                String path = i % 2 == 0 ? "/account" : GATE;
                assertThat(browser.fork().at(node.url()).get(path).status())
                        .as("%s from a copy that lags behind, %d", path, i)
                        .isEqualTo(503);
            }
            name.leadTo(PRIMARY.port());
            long start = System.nanoTime();
            assertThat(Soon.becomes(
                            () -> browser.fork().at(node.url()).get("/account").status() == 303))
                    .isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        } finally {
            STANDBY.execute("SELECT pg_wal_replay_resume()");
        }
    }
}
