package dev.countersign.witness;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what blocks on another machine once its time is over, whatever it waits for: time-outs of sockets begin anew with each
 * byte, and do not count while writing.
 */
final class Deadline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deadline.class);

    private final CountDownLatch done = new CountDownLatch(1);

    Deadline(Duration time, Closeable what) {
        Thread.ofVirtual().name("deadline").start(() -> {
            try {
                if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                    what.close();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                LOG.debug("could not be ended: {}", e.toString());
            }
        });
    }

    @Override
    public void close() {
        done.countDown();
    }
}
