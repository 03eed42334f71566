package dev.countersign.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.factor.totp.Totp;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.throttle.Limit;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pulls the plug: people sign in over REST while the server's process is killed, again and again, on one set of data. What
 * was acknowledged must still be true afterwards, and what was used must stay used. {@code -Dcountersign.long=true} kills
 * 200 times, {@code -Dcountersign.seed=N} repeats the moments of an earlier run.
 */
class KillTest {
    private static final int KILLS = Boolean.getBoolean("countersign.long") ? 200 : 4;
    private static final int PEOPLE_PER_ROUND = 40;
    private static final int CLIENTS = 8;
    private static final int MOST_BEFORE_KILL = 30;
    private static final int WRONG_GUESSES = 3;

    private final long seed = Long.getLong("countersign.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Clock clock = Clock.systemUTC();

    @TempDir
    private Path data;

    /** A code someone sent: whatever happens, it may be worth one sign-in. */
    private record Code(Person person, long step) {}

    private final Set<Code> sent = ConcurrentHashMap.newKeySet();
    /** Codes whose acceptance reached the client, with the session's token. */
    private final Map<Code, String> acknowledged = new ConcurrentHashMap<>();

    /** What happened between two kills. */
    private static final class Round {
        final Queue<Person> people;
        final Person guesser;
        final Set<Code> sent = ConcurrentHashMap.newKeySet();
        final AtomicInteger signIns = new AtomicInteger();
        final AtomicInteger refusedGuesses = new AtomicInteger();
        volatile boolean killed;

        Round(List<Person> people) {
            this.guesser = people.getFirst();
            this.people = new ConcurrentLinkedQueue<>(people.subList(1, people.size()));
        }
    }

    @Test
    void what_was_acknowledged_outlives_a_killed_server_and_what_was_used_stays_used() throws Exception {
        System.out.println("KillTest: repeat with -Dcountersign.seed=" + seed);
        List<Person> people = Population.create(data, KILLS * PEOPLE_PER_ROUND);
        ServerProcess server = ServerProcess.startClasses(data);
        try {
            for (int kill = 0; kill < KILLS; kill++) {
                int first = kill * PEOPLE_PER_ROUND;
                Round round = new Round(people.subList(first, first + PEOPLE_PER_ROUND));
                signInUntilKilled(server, round);
                server = restart();
                checkAfterRestart(server.port(), round);
            }
        } finally {
            server.close();
        }
        assertThat(acknowledged.size()).as("sign-ins that came through").isGreaterThan(KILLS);
        checkDatabase();
    }

    private void signInUntilKilled(ServerProcess server, Round round) throws Exception {
        int port = server.port();
        List<Callable<Void>> clients = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            clients.add(() -> untilKilled(round, () -> signInAll(port, round)));
        }
        clients.add(() -> untilKilled(round, () -> guess(port, round)));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> running = clients.stream().map(threads::submit).toList();
            waitForMoment(round, running);
            round.killed = true;
            server.kill();
            for (Future<Void> client : running) {
                client.get();
            }
        }
    }

    /** Counted in sign-ins and not in seconds, so that a slow machine kills in the midst of them too. */
    private void waitForMoment(Round round, List<Future<Void>> clients) throws InterruptedException {
        long signIns = random.nextInt(1, MOST_BEFORE_KILL);
        while (round.signIns.get() < signIns && !clients.stream().allMatch(Future::isDone)) {
            Thread.sleep(1);
        }
        Thread.sleep(random.nextInt(60));
    }

    /** Every third time it is killed once more before it is ready. */
    private ServerProcess restart() throws InterruptedException {
        if (random.nextInt(3) == 0) {
            ServerProcess server = ServerProcess.startClasses(data);
            Thread.sleep(random.nextInt(2_000));
            server.kill();
        }
        return ServerProcess.startClasses(data);
    }

    private interface Talk {
        void run() throws IOException;
    }

    /** A broken connection is no surprise once the server has been killed. */
    private static Void untilKilled(Round round, Talk talk) throws IOException {
        try {
            talk.run();
        } catch (IOException e) {
            if (!round.killed) {
                throw e;
            }
        }
        return null;
    }

    private void signInAll(int port, Round round) throws IOException {
        try (RestClient client = new RestClient(port)) {
            for (Person person = round.people.poll(); person != null; person = round.people.poll()) {
                // The codes before and after the one shown are accepted too, each later one after each earlier one.
                long shown = shownStep();
                for (long step = shown - 1; step <= shown + 1; step++) {
                    Code code = new Code(person, step);
                    RestClient.Reply begun = client.begin(person);
                    assertThat(begun.status())
                            .as("password of %s: %s", person.username(), begun.body())
                            .isEqualTo(201);
                    round.sent.add(code);
                    sent.add(code);
                    present(client, RestClient.begun(begun), code);
                    round.signIns.incrementAndGet();
                }
            }
        }
    }

    private void present(RestClient client, RestClient.Begun signIn, Code code) throws IOException {
        RestClient.Reply reply =
                client.answer(code.person(), signIn, code.person().code(code.step()));
        if (reply.isSuccess()) {
            String earlier = acknowledged.put(code, RestClient.sessionToken(reply));
            assertThat(earlier).as("%s was accepted before", code).isNull();
        }
    }

    private void guess(int port, Round round) throws IOException {
        try (RestClient client = new RestClient(port)) {
            RestClient.Begun signIn = RestClient.begun(client.begin(round.guesser));
            for (int guess = 0; guess < WRONG_GUESSES; guess++) {
                RestClient.Reply reply = client.answer(round.guesser, signIn, wrongCode(round.guesser));
                assertThat(reply.status()).isEqualTo(401);
                round.refusedGuesses.incrementAndGet();
            }
        }
    }

    private void checkAfterRestart(int port, Round round) throws Exception {
        List<Callable<Void>> checks = new ArrayList<>();
        acknowledged.forEach((code, token) -> {
            if (round.sent.contains(code)) {
                checks.add(() -> stillSignedIn(port, code, token));
            }
        });
        round.sent.forEach(code -> checks.add(() -> sendAgain(port, code)));
        checks.add(() -> guessesStillCount(port, round));
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (Future<Void> check : threads.invokeAll(checks)) {
                check.get();
            }
        }
    }

    private static Void stillSignedIn(int port, Code code, String token) throws IOException {
        try (RestClient client = new RestClient(port)) {
            assertThat(client.get("/api/v1/session", token).status())
                    .as("the session of %s", code)
                    .isEqualTo(200);
        }
        return null;
    }

    /** A code whose reply was lost may be accepted now, if it was not before; {@link #checkDatabase} counts. */
    private Void sendAgain(int port, Code code) throws IOException {
        if (code.step() >= shownStep() - 1) {
            try (RestClient client = new RestClient(port)) {
                present(client, RestClient.begun(client.begin(code.person())), code);
            }
        }
        return null;
    }

    private Void guessesStillCount(int port, Round round) throws IOException {
        long left = Limit.SECOND_FACTOR.free() - round.refusedGuesses.get();
        try (RestClient client = new RestClient(port)) {
            RestClient.Begun signIn = RestClient.begun(client.begin(round.guesser));
            for (long guess = 0; guess < left; guess++) {
                client.answer(round.guesser, signIn, wrongCode(round.guesser));
            }
            RestClient.Reply oneMore = client.answer(round.guesser, signIn, wrongCode(round.guesser));
            assertThat(oneMore.status()).as("a guess beyond the free ones").isEqualTo(429);
        }
        return null;
    }

    private static String wrongCode(Person person) {
        return new TestAuthenticator(person.secret(), Clock.systemUTC()).wrongCode();
    }

    private long shownStep() {
        return Totp.DEFAULT.step(Instant.now(clock));
    }

    private void checkDatabase() throws SQLException {
        try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("countersign.db"))) {
            assertThat(column(database, "PRAGMA integrity_check")).containsExactly("ok");
            assertThat(column(database, "PRAGMA foreign_key_check")).isEmpty();
            List<String> sessions = column(database, "SELECT id FROM session");
            List<String> logged = column(database, """
                    SELECT json_extract(details, '$.session') FROM activity WHERE kind = 'sign-in-completed'""");
            assertThat(logged).containsExactlyInAnyOrderElementsOf(sessions);
            assertThat(sessions).hasSizeBetween(acknowledged.size(), sent.size());
            checkEachPerson(column(database, """
                    SELECT username FROM session JOIN account ON account.id = session.account_id"""));
        }
    }

    /** Nobody has more sessions than codes they sent, or fewer than were acknowledged. */
    private void checkEachPerson(List<String> ownerOfEachSession) {
        Map<String, Integer> sessions = new HashMap<>();
        ownerOfEachSession.forEach(username -> sessions.merge(username, 1, Integer::sum));
        Set<Person> people = new HashSet<>();
        sent.forEach(code -> people.add(code.person()));
        for (Person person : people) {
            assertThat(sessions.getOrDefault(person.username(), 0))
                    .as("sessions of %s", person.username())
                    .isBetween(count(acknowledged.keySet(), person), count(sent, person));
        }
    }

    private static int count(Set<Code> codes, Person person) {
        return (int) codes.stream().filter(code -> code.person().equals(person)).count();
    }

    private static List<String> column(Connection database, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }
}
