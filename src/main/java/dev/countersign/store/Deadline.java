package dev.countersign.store;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what blocks on another machine once its time is over, whatever it waits for: time-outs of sockets begin anew with each
 * byte, and do not count while writing. Thread-safe.
 */
public final class Deadline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deadline.class);

    private final CountDownLatch done = new CountDownLatch(1);
    private final Closeable what;
    private final Runnable afterwards;
    private boolean over;

    /** Closes {@code what} after this time unless this is closed before. */
    public Deadline(Duration time, Closeable what) {
        this(time, what, () -> {});
    }

    private Deadline(Duration time, Closeable what, Runnable afterwards) {
        this.what = what;
        this.afterwards = afterwards;
        Thread.ofVirtual().name("deadline").start(() -> await(time));
    }

    /**
     * Interrupts the thread that calls this. Java closes the socket a virtual thread is interrupted at, so that one must not go on
     * with another connection meanwhile; on a platform thread there is no deadline for sockets.
     */
    public static Deadline ofThisThread(Duration time) {
        return new Deadline(time, Thread.currentThread()::interrupt, Thread::interrupted);
    }

    private void await(Duration time) {
        try {
            if (!done.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("could not be ended: {}", e.toString());
        }
    }

    private synchronized void end() throws IOException {
        if (done.getCount() > 0) {
            over = true;
            what.close();
        }
    }

    /** Whether the time was over before this was closed. */
    public synchronized boolean isOver() {
        return over;
    }

    /** Nothing is ended any more once this returns. */
    @Override
    public synchronized void close() {
        done.countDown();
        if (over) {
            afterwards.run();
        }
    }
}
