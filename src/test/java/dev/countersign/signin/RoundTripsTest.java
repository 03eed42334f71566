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
        try (TestServer server = TestServer.start()) {
            server.policy(Rules.Mode.REQUIRED);
            TestServer.Enrolled anna = server.enrolled("anna.counts");
            TestServer.Enrolled before = server.enrolled("before.counts");
            Database.Traffic least = new Database.Traffic(Long.MAX_VALUE, Long.MAX_VALUE);
            for (int i = 0; i < ROUNDS; i++) {
                server.clock().advance(Duration.ofSeconds(90));
                server.get(Signals.class).read(); // the jump of the clock has made the node forget what it kept
                signIn(server, before);
                Database.Traffic start = server.get(Database.class).traffic();
                signIn(server, anna);
                Database.Traffic one = server.get(Database.class).traffic().since(start);
                least = one.statements() < least.statements() ? one : least; // jobs in the background ask as well
            }
            assertThat(least).isEqualTo(new Database.Traffic(38, 5));
        }
    }

    private static void signIn(TestServer server, TestServer.Enrolled person) throws IOException {
        try (RestClient client = new RestClient(server.port())) {
            RestClient.Reply begun = client.send(
                    "POST",
                    "/api/v1/sign-ins",
                    "127.0.0.9",
                    "",
                    "{\"username\":\"" + person.account().username() + "\",\"password\":\"" + TestServer.PASSWORD
                            + "\"}");
            RestClient.Begun signIn = RestClient.begun(begun);
            RestClient.Reply done = client.send(
                    "POST",
                    "/api/v1/sign-ins/" + signIn.id() + "/answers",
                    "127.0.0.9",
                    "Bearer " + signIn.token(),
                    "{\"factor\":\"totp\",\"code\":\"" + person.app().code() + "\"}");
            assertThat(done.status()).isEqualTo(200);
        }
    }
}
