package dev.countersign.bench;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.Population;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Many different people signing in with password and code, over connections that stay open. */
final class SignInLoad {
    private static final int CONNECTIONS = 64;
    private static final int STEP_MILLIS = 30_000;

    /** So many that nobody's turn comes again before their app shows the next code. */
    private static final int PEOPLE =
            Math.max(3_000, 2_000 * Runtime.getRuntime().availableProcessors());

    private final List<Person> people;
    private final AtomicInteger turns = new AtomicInteger();

    private SignInLoad(List<Person> people) {
        this.people = people;
    }

    /** Prepares the people in the data of a server that is not running. */
    static SignInLoad prepare(Path data) {
        return new SignInLoad(Population.create(data, PEOPLE));
    }

    /** Of these people, who are many. */
    static SignInLoad of(List<Person> people) {
        return new SignInLoad(people);
    }

    /** The same for the installation these settings name. */
    static SignInLoad prepare(Map<SettingKey, String> options) {
        return new SignInLoad(Population.create(options, PEOPLE));
    }

    /** How an application signs people in. */
    enum Way {
        /** The password, then the code. */
        TWO_CALLS,
        /** Both at once. */
        ONE_CALL
    }

    /** What came of it; {@code others} counts replies that were not a success. */
    record Result(long signIns, double seconds, Map<Integer, Long> others) {
        double perSecond() {
            return signIns / seconds;
        }
    }

    /** Signs people in until the time is up or so many have been. */
    Result run(int port, Way way, double mostSeconds, long mostSignIns) throws Exception {
        AtomicLong left = new AtomicLong(mostSignIns);
        AtomicLong done = new AtomicLong();
        Map<Integer, Long> others = new ConcurrentHashMap<>();
        long start = System.nanoTime();
        long end = start + (long) (mostSeconds * 1e9);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> clients = IntStream.range(0, CONNECTIONS)
                    .mapToObj(_ -> threads.submit(() -> {
                        try (RestClient client = new RestClient(port)) {
                            while (System.nanoTime() < end && left.getAndDecrement() > 0) {
                                int status = signIn(client, way, next());
                                if (status / 100 == 2) {
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

    private static int signIn(RestClient client, Way way, Person person) throws IOException {
        return switch (way) {
            case TWO_CALLS -> {
                RestClient.Reply begun = client.begin(person);
                yield begun.isSuccess()
                        ? client.answer(person, RestClient.begun(begun), code(person))
                                .status()
                        : begun.status();
            }
            case ONE_CALL -> client.signIn(person, code(person)).status();
        };
    }

    private static String code(Person person) {
        return person.code(System.currentTimeMillis() / STEP_MILLIS);
    }
}
