package dev.countersign.witness;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what blocks on another machine once its time is over, whatever it waits for: time-outs of sockets begin anew with each
 * byte, and do not count while writing.
 */
final class Deadline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Deadline.class);

    private final Thread watch;

    Deadline(Duration time, Closeable what) {
        this.watch = Thread.ofVirtual().name("deadline").start(() -> {
            try {
                Thread.sleep(time);
                what.close();
            } catch (InterruptedException e) {
                // It was done in time.
            } catch (IOException e) {
                LOG.debug("could not be ended: {}", e.toString());
            }
        });
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
