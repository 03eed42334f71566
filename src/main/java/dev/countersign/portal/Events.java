package dev.countersign.portal;

import dev.countersign.factor.companion.Watch;
import dev.countersign.web.EventStream;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Browsers that wait for one thing each: a stream of events says it, and ends. It ends as well when the browser has gone, when
 * its time is over, and when the server stops. Who gets no stream looks again by itself. Thread-safe.
 */
@Component
final class Events implements SmartLifecycle {
    /** Below the connections the server takes at all, so that there are always some for those who do not wait. */
    static final int MOST = 10_500;

    /** Tabs of one browser that wait for the same. */
    static final int MOST_OF_ONE = 6;

    /** How many seconds a stream is silent at most: less than proxies bear. */
    static final int SILENCE_SECONDS = 20;

    private static final long RETRY_MILLIS = 1_000;

    private final Watch watch;
    private final Set<Waiting> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile boolean running;

    Events(Watch watch) {
        this.watch = watch;
    }

    /** Answers that there are no events: a browser then does not ask for them again, and looks at the page. */
    static void none(HttpServletResponse response) {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }

    /**
     * Answers with a stream that waits for the request or pairing with this id to change, or that there is none when too many
     * wait already.
     *
     * @param until when the stream ends by itself; the browser then looks at the page again
     * @param news what is to be said, as soon as there is something
     */
    void answer(
            HttpServletRequest request,
            HttpServletResponse response,
            String id,
            Instant until,
            Supplier<Optional<String>> news)
            throws IOException, ServletException {
        boolean full = open.size() >= MOST || watch.waitingFor(id) >= MOST_OF_ONE;
        if (!running || full || !request.getMethod().equals("GET")) {
            none(response);
            return;
        }
        Waiting waiting = new Waiting(id, until, news);
        EventStream.open(request, response, waiting::begin, waiting::forget);
    }

    /** How many wait. */
    int size() {
        return open.size();
    }

    /** Ends what is over, and writes to every stream whose turn it is: each has one within {@link #SILENCE_SECONDS}. */
    void beat(int turn, Instant now) {
        for (Waiting waiting : open) {
            if (now.isAfter(waiting.until)) {
                waiting.end();
            } else if (Math.floorMod(waiting.number - turn, SILENCE_SECONDS) == 0) {
                waiting.beat();
            }
        }
    }

    private final class Waiting {
        private final String id;
        private final Instant until;
        private final Supplier<Optional<String>> news;
        private final int number = numbers.getAndIncrement();
        private final AtomicBoolean said = new AtomicBoolean();
        private volatile Optional<EventStream> stream = Optional.empty();
        private volatile Watch.Waiting change = () -> {};

        Waiting(String id, Instant until, Supplier<Optional<String>> news) {
            this.id = id;
            this.until = until;
            this.news = news;
        }

        void begin(EventStream opened) {
            stream = Optional.of(opened);
            open.add(this);
            // In a thread of its own: the phone that decided does not wait for browsers.
            change = watch.on(id, () -> Thread.ofVirtual().name("events").start(this::look));
            opened.retryAfter(RETRY_MILLIS);
            look();
            if (!running) {
                end();
            }
            if (!open.contains(this)) {
                // It ended before there was anything to close.
                change.close();
            }
        }

        private void look() {
            news.get().filter(_ -> said.compareAndSet(false, true)).ifPresent(text -> {
                stream.ifPresent(each -> each.event("decided", text));
                end();
            });
        }

        void beat() {
            stream.ifPresent(EventStream::comment);
        }

        void end() {
            stream.ifPresent(EventStream::end);
        }

        void forget() {
            open.remove(this);
            change.close();
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        open.forEach(Waiting::end);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
