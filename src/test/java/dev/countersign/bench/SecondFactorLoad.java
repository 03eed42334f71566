package dev.countersign.bench;

import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** An application that keeps its own passwords and asks for the second factor of many different people. */
final class SecondFactorLoad {
    private static final int CONNECTIONS = 64;
    private static final int PEOPLE = 110_000;
    private static final int STEP_MILLIS = 30_000;

    private final List<Person> people;
    private final String key;
    private final AtomicInteger turns = new AtomicInteger();

    private SecondFactorLoad(List<Person> people, String key) {
        this.people = people;
        this.key = key;
    }

    /** Prepares the people and the application's key in the data of a server that is not running. */
    static SecondFactorLoad prepare(Path data) {
        List<Person> people = Population.create(data, PEOPLE);
        Map<SettingKey, String> options = Map.of(SettingKey.DATA, data.toString(), SettingKey.PORT, "0");
        try (RunningServer server = PeopleLoad.start(options)) {
            return new SecondFactorLoad(people, key(server));
        }
    }

    List<Person> people() {
        return people;
    }

    private static String key(RunningServer server) {
        Instant now = Instant.now();
        NewAccount typed = new NewAccount("application", "Application", "app@northwind.example", Role.ADMINISTRATOR);
        Accounts.Creation creation = server.get(Accounts.class)
                .create(server.defaultEnvironment().id(), typed, Actor.SYSTEM, Origin.SYSTEM, now);
        Account owner = ((Accounts.Creation.Created) creation).account();
        ApiKeys.Creation made = server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "application",
                                Scopes.parse(List.of("challenge-people")).orElseThrow(),
                                now.plus(Duration.ofDays(1))),
                        new ApiKeys.Giver.CommandLine(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        now);
        return ((ApiKeys.Creation.Created) made).secret().reveal();
    }

    /** How an application asks. */
    enum Way {
        /** Begin a challenge, answer it. */
        CHALLENGE,
        /** The code is there already. */
        ONE_CALL
    }

    /** What came of it; {@code others} counts replies that were not a success. */
    record Result(long checks, double seconds, Map<Integer, Long> others) {
        double perSecond() {
            return checks / seconds;
        }
    }

    Result run(int port, Way way, double seconds) throws Exception {
        AtomicLong done = new AtomicLong();
        Map<Integer, Long> others = new ConcurrentHashMap<>();
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> clients = IntStream.range(0, CONNECTIONS)
                    .mapToObj(_ -> threads.submit(() -> {
                        try (RestClient client = new RestClient(port)) {
                            while (System.nanoTime() < end) {
                                int status = check(client, way, next());
                                if (status == 200) {
                                    done.incrementAndGet();
                                } else {
                                    others.merge(status, 1L, Long::sum);
                                }
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> client : clients) {
                client.get();
            }
        }
        return new Result(done.get(), (System.nanoTime() - start) / 1e9, others);
    }

    private Person next() {
        return people.get(Math.floorMod(turns.getAndIncrement(), people.size()));
    }

    private int check(RestClient client, Way way, Person person) throws IOException {
        return switch (way) {
            case CHALLENGE -> {
                RestClient.Reply begun =
                        send(client, person, "/challenges", "{\"username\":\"" + person.username() + "\"}");
                yield begun.isSuccess()
                        ? send(
                                        client,
                                        person,
                                        "/challenges/" + RestClient.id(begun) + "/answers",
                                        "{\"factor\":\"totp\",\"code\":\"" + code(person) + "\"}")
                                .status()
                        : begun.status();
            }
            case ONE_CALL ->
                send(
                                client,
                                person,
                                "/verifications",
                                "{\"username\":\"" + person.username() + "\",\"factor\":\"totp\",\"code\":\""
                                        + code(person) + "\"}")
                        .status();
        };
    }

    private RestClient.Reply send(RestClient client, Person person, String path, String body) throws IOException {
        return client.send("POST", "/api/v1" + path, person.address(), "Bearer " + key, body);
    }

    private static String code(Person person) {
        return person.code(System.currentTimeMillis() / STEP_MILLIS);
    }
}
