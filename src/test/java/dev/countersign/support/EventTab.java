package dev.countersign.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A tab of a browser that listens to server-sent events. Closing it ends its connection without a word, as a browser does. */
public final class EventTab implements AutoCloseable {
    /** What {@link #next} answers when the stream has ended. */
    public static final String END = "(end)";

    private final HttpResponse<InputStream> response;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private volatile boolean orderly;
    private final AtomicInteger comments = new AtomicInteger();

    EventTab(HttpResponse<InputStream> response) {
        this.response = response;
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data:")) {
                    said.add(line.substring(5).strip());
                } else if (line.startsWith(":")) {
                    comments.incrementAndGet();
                }
            }
            orderly = true;
        } catch (IOException e) {
            // Closed, here or there: the end in either case.
        }
        said.add(END);
    }

    public int status() {
        return response.statusCode();
    }

    public HttpResponse<InputStream> response() {
        return response;
    }

    /** How many lines it was sent that say nothing. */
    public int comments() {
        return comments.get();
    }

    /** Whether the other side said that nothing follows; else it broke off. */
    public boolean endedInOrder() {
        return orderly;
    }

    /** What is said next. */
    public String next() {
        try {
            String next = said.poll(20, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was said");
            }
            return next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            response.body().close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
