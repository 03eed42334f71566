package dev.countersign.bench;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.PgBouncer;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.ServerProcess;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Two servers on one PostgreSQL that both sign people in as fast as they can, and people who sign out of one of them meanwhile: how
 * long the other's gate still lets them pass. Then what PgBouncer between a server and PostgreSQL costs.
 */
final class NodesLoad {
    private static final String GATE = "/api/authz/forward-auth";
    private static final int SIGN_OUTS = 40;
    private static final int OTHERS = 6_000;
    private static final int PROMISED_MILLIS = 2_000;
    private static final int LOAD_SECONDS = 40;
    private static final int WARM_UP = 600;
    private static final int MEASURED = 1_000;
    private static final int LONGEST_SECONDS = 120;
    private static final int ROUNDS = 2;
    private static final long STEP_MILLIS = 30_000;
    private static final long POLL_NANOS = 5_000_000;
    private static final int POOL = 20;

    private final Report report;

    NodesLoad(Report report) {
        this.report = report;
    }

    void run() throws Exception {
        Commands.inDirectory(data -> Ground.in(data, true, ground -> {
            List<Person> people = Population.create(ground.options(), SIGN_OUTS + OTHERS);
            Map<SettingKey, String> settings = new HashMap<>(ground.options());
            settings.put(SettingKey.KEY_FILE, data.resolve("countersign.keys").toString());
            settings.put(SettingKey.REQUESTS_PER_MINUTE, "10000000");
            SignInLoad load = SignInLoad.of(people.subList(SIGN_OUTS, people.size()));
            try (ServerProcess first = serve(settings, data.resolve("first"));
                    ServerProcess second = serve(settings, data.resolve("second"))) {
                signOuts(first, second, people.subList(0, SIGN_OUTS), load);
            }
            bouncer(settings, data.resolve("third"), load);
        }));
    }

    private static ServerProcess serve(Map<SettingKey, String> settings, Path directory) throws Exception {
        Map<SettingKey, String> own = new HashMap<>(settings);
        own.put(SettingKey.DATA, Files.createDirectories(directory).toString());
        return ServerProcess.startWith(List.of("bin/countersign"), own);
    }

    // ---- what one server takes back, at the other

    private void signOuts(ServerProcess first, ServerProcess second, List<Person> people, SignInLoad load)
            throws Exception {
        String other = "http://localhost:" + second.port();
        List<TestBrowser> browsers = new ArrayList<>();
        for (Person person : people) {
            TestBrowser browser = new TestBrowser("http://localhost:" + first.port());
            browser.signIn(
                    person.username(), TestServer.PASSWORD, person.code(System.currentTimeMillis() / STEP_MILLIS));
            browsers.add(browser);
        }
        report.atMost(
                "sign-out until the other server's gate refuses, idle, ms, longest of " + SIGN_OUTS / 2,
                longest(browsers.subList(0, SIGN_OUTS / 2), other),
                PROMISED_MILLIS,
                1.0,
                "ms promised");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<SignInLoad.Result>> loads = new ArrayList<>();
            for (ServerProcess server : List.of(first, second)) {
                loads.add(threads.submit(
                        () -> load.run(server.port(), SignInLoad.Way.ONE_CALL, LOAD_SECONDS, Long.MAX_VALUE)));
            }
            // The first seconds of a load are others than the rest: connections, and Java compiles.
            LockSupport.parkNanos(5_000_000_000L);
            double longest = longest(browsers.subList(SIGN_OUTS / 2, SIGN_OUTS), other);
            boolean loaded = loads.stream().noneMatch(Future::isDone);
            report.atMost(
                    "the same while both sign people in as fast as they can, ms, longest of " + SIGN_OUTS / 2,
                    longest,
                    PROMISED_MILLIS,
                    1.0,
                    "ms promised");
            report.note("The load lasted longer than the sign-outs: %s.", loaded);
            for (Future<SignInLoad.Result> one : loads) {
                report.note(
                        "%.1f sign-ins a second on one of the two servers, other replies %s.",
                        one.get().perSecond(), one.get().others());
            }
        }
    }

    private double longest(List<TestBrowser> browsers, String other) {
        List<Double> millis = new ArrayList<>();
        for (TestBrowser browser : browsers) {
            TestBrowser elsewhere = browser.fork().at(other);
            if (elsewhere.get(GATE).status() != 200) {
                throw new IllegalStateException("the other server's gate does not know the session");
            }
            browser.get("/account");
            TestBrowser.Reply out = browser.post("/sign-out");
            long start = System.nanoTime();
            if (out.status() != 303) {
                throw new IllegalStateException("not signed out: " + out.status());
            }
            while (elsewhere.get(GATE).status() == 200) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            millis.add((System.nanoTime() - start) / 1e6);
        }
        millis.sort(null);
        report.note(
                "Sign-outs, ms until the other gate refused: median %.0f, longest %.0f.",
                millis.get(millis.size() / 2), millis.getLast());
        return millis.getLast();
    }

    // ---- PgBouncer

    private void bouncer(Map<SettingKey, String> settings, Path directory, SignInLoad load) throws Exception {
        String direct = settings.get(SettingKey.DATABASE_URL);
        int port = URI.create(direct.substring("jdbc:".length())).getPort();
        try (PgBouncer bouncer = PgBouncer.start(port, POOL)) {
            Map<SettingKey, String> through = new HashMap<>(settings);
            through.put(SettingKey.DATABASE_URL, bouncer.url("postgres"));
            try (ServerProcess straight = serve(settings, directory.resolve("straight"));
                    ServerProcess around = serve(through, directory.resolve("around"))) {
                load.run(straight.port(), SignInLoad.Way.ONE_CALL, LONGEST_SECONDS, WARM_UP);
                load.run(around.port(), SignInLoad.Way.ONE_CALL, LONGEST_SECONDS, WARM_UP);
                for (int round = 1; round <= ROUNDS; round++) {
                    SignInLoad.Result limit =
                            load.run(straight.port(), SignInLoad.Way.ONE_CALL, LONGEST_SECONDS, MEASURED);
                    SignInLoad.Result result =
                            load.run(around.port(), SignInLoad.Way.ONE_CALL, LONGEST_SECONDS, MEASURED);
                    report.compared(
                            "sign-ins per second through PgBouncer, round " + round,
                            result.perSecond(),
                            limit.perSecond(),
                            "sign-ins/s without it");
                    report.note("Other replies: %s through it, %s without.", result.others(), limit.others());
                }
            }
        }
    }
}
