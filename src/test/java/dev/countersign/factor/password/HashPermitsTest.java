package dev.countersign.factor.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** However many people sign in, memory and waiting stay bounded. */
class HashPermitsTest {
    @Test
    void as_many_at_once_as_there_are_processors_a_queue_and_beyond_it_nothing() throws Exception {
        HashPermits permits = new HashPermits(2);
        CountDownLatch bothBusy = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<String>>> busy = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                busy.add(people.submit(() -> permits.run(() -> {
                    bothBusy.countDown();
                    await(goOn);
                    return "first";
                })));
            }
            bothBusy.await();
            List<Future<Optional<String>>> rest = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                rest.add(people.submit(() -> permits.run(() -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    atOnce.decrementAndGet();
                    return "queued";
                })));
            }
            waitUntilRefused(rest, 400 - 128);
            goOn.countDown();
            int served = 0;
            for (Future<Optional<String>> one : rest) {
                served += one.get().isPresent() ? 1 : 0;
            }
            assertThat(served).as("64 wait for each processor").isEqualTo(128);
            assertThat(most.get()).isLessThanOrEqualTo(2);
            for (Future<Optional<String>> one : busy) {
                assertThat(one.get()).contains("first");
            }
        }
    }

    /** Until that many were refused; nobody else can be answered while both permits are taken. */
    private static void waitUntilRefused(List<Future<Optional<String>>> all, long count) {
        while (all.stream().filter(Future::isDone).count() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_failure_gives_its_permit_back() {
        HashPermits permits = new HashPermits(1);
        for (int i = 0; i < 200; i++) {
            assertThatThrownBy(() -> permits.run(() -> {
                        throw new IllegalArgumentException("on purpose");
                    }))
                    .hasStackTraceContaining("on purpose");
        }
        assertThat(permits.run(() -> "fine")).contains("fine");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
