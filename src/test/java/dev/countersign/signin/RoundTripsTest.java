package dev.countersign.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.signal.Signals;
import dev.countersign.store.Database;
import dev.countersign.support.RestClient;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * How often a sign-in asks the database: on PostgreSQL each statement and each commit is a way over the network, and
 * {@code docs/scale.md} counts with these numbers.
 */
class RoundTripsTest {
    private static final int ROUNDS = 20;

    @Test
    void a_sign_in_with_password_and_code_takes_as_many_statements_as_the_handbook_says() throws IOException {
        assertThat(least(RoundTripsTest::inTwoCalls)).isEqualTo(new Database.Traffic(37, 5));
    }

    @Test
    void in_one_call_it_takes_one_transaction_less() throws IOException {
        assertThat(least(RoundTripsTest::inOneCall)).isEqualTo(new Database.Traffic(37, 4));
    }

    private interface Way {
        void signIn(RestClient client, TestServer.Enrolled person) throws IOException;
    }

    private static Database.Traffic least(Way way) throws IOException {
        try (TestServer server = TestServer.start();
                RestClient client = new RestClient(server.port())) {
            server.policy(Rules.Mode.REQUIRED);
            TestServer.Enrolled anna = server.enrolled("anna.counts");
            TestServer.Enrolled before = server.enrolled("before.counts");
            Database.Traffic least = new Database.Traffic(Long.MAX_VALUE, Long.MAX_VALUE);
            for (int i = 0; i < ROUNDS; i++) {
                server.clock().advance(Duration.ofSeconds(90));
                server.get(Signals.class).read(); // the jump of the clock has made the node forget what it kept
                way.signIn(client, before);
                Database.Traffic start = server.get(Database.class).traffic();
                way.signIn(client, anna);
                Database.Traffic one = server.get(Database.class).traffic().since(start);
                least = one.statements() < least.statements() ? one : least; // jobs in the background ask as well
            }
            return least;
        }
    }

    private static void inTwoCalls(RestClient client, TestServer.Enrolled person) throws IOException {
        RestClient.Begun signIn = RestClient.begun(begin(client, person, ""));
        RestClient.Reply done = client.send(
                "POST",
                "/api/v1/sign-ins/" + signIn.id() + "/answers",
                "127.0.0.9",
                "Bearer " + signIn.token(),
                "{\"factor\":\"totp\",\"code\":\"" + person.app().code() + "\"}");
        assertThat(done.body()).contains("\"complete\"");
    }

    private static void inOneCall(RestClient client, TestServer.Enrolled person) throws IOException {
        RestClient.Reply done =
                begin(client, person, ",\"code\":\"" + person.app().code() + "\"");
        assertThat(done.body()).contains("\"complete\"");
    }

    private static RestClient.Reply begin(RestClient client, TestServer.Enrolled person, String more)
            throws IOException {
        String username = person.account().username();
        String body = "{\"username\":\"" + username + "\",\"password\":\"" + TestServer.PASSWORD + "\"" + more + "}";
        return client.send("POST", "/api/v1/sign-ins", "127.0.0.9", "", body);
    }
}
