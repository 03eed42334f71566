package dev.countersign.moving;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the next of something on another thread while the last is used. To be used by one thread. */
final class Ahead<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ahead.class);
    private static final long LONGEST_SECONDS = 120;

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("import-ahead").factory());
    private final Callable<T> source;
    private Future<T> coming;

    Ahead(Callable<T> source) {
        this.source = source;
        this.coming = thread.submit(source);
    }

    /** The next one; what the source throws is thrown here. */
    T next() throws IOException {
        try {
            T made = coming.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            coming = thread.submit(source);
            return made;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IOException("the file cannot be read on: nothing came for " + LONGEST_SECONDS + " s", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException("reading ahead failed", e.getCause());
        }
    }

    /** Waits for what is being made, as a rule: its source may be closed afterwards. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("the reading of a file does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
