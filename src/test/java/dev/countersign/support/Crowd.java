package dev.countersign.support;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Many people doing one thing at the same moment. */
public final class Crowd {
    private Crowd() {}

    /** What each of {@code people} got; an exception of one is thrown here. */
    public static <T> List<T> together(int people, Callable<T> action) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(people)) {
            List<Future<T>> all = new ArrayList<>();
            for (int i = 0; i < people; i++) {
                all.add(threads.submit(() -> {
                    start.await();
                    return action.call();
                }));
            }
            start.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> one : all) {
                results.add(one.get(60, TimeUnit.SECONDS));
            }
            return results;
        }
    }
}
