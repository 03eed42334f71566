package dev.countersign.support;

import java.time.Duration;
import java.util.concurrent.Callable;

/** How long something takes by itself: what else a machine does makes some tries slower, and none faster. */
public final class Fastest {
    private static final int TRIES = 20;

    private Fastest() {}

    /** The fastest of up to twenty tries; the first that is below {@code limit} ends them. */
    public static Duration of(Duration limit, Callable<?> work) throws Exception {
        Duration fastest = Duration.ofDays(1);
        for (int i = 0; i < TRIES && fastest.compareTo(limit) >= 0; i++) {
            long start = System.nanoTime();
            work.call();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            fastest = took.compareTo(fastest) < 0 ? took : fastest;
        }
        return fastest;
    }
}
