package dev.countersign.portal;

import dev.countersign.factor.companion.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Streams of server-sent events, each of which says one thing and ends. They end as well when the browser has gone, which only
 * shows when something is written to it, and when the server stops. Who gets no stream looks again by itself. Thread-safe.
 */
@Component
final class Events implements SmartLifecycle {
    /** Below the connections the server takes at all, so that there are always some for those who do not wait. */
    static final int MOST = 10_500;

    /** Tabs of one browser that wait for the same. */
    static final int MOST_OF_ONE = 6;

    /** How many seconds a stream is silent at most: less than proxies bear, often enough to miss who has gone. */
    static final int SILENCE_SECONDS = 20;

    /** How long a browser waits before it asks again, when the stream broke off. */
    private static final long RETRY_MILLIS = 1_000;

    private final Watch watch;
    private final Set<Stream> streams = ConcurrentHashMap.newKeySet();
    private final AtomicInteger numbers = new AtomicInteger();
    private volatile boolean running;

    Events(Watch watch) {
        this.watch = watch;
    }

    /**
     * Waits for the request or pairing with this id to change; nothing when too many wait already.
     *
     * @param life after which the stream ends by itself; the browser then looks at the page again
     * @param news what is to be said, as soon as there is something
     */
    Optional<SseEmitter> until(String id, Duration life, Supplier<Optional<String>> news) {
        if (!running || streams.size() >= MOST || watch.waitingFor(id) >= MOST_OF_ONE) {
            return Optional.empty();
        }
        Stream stream = new Stream(new SseEmitter(life.toMillis()), news, numbers.getAndIncrement());
        stream.open(id);
        return Optional.of(stream.emitter);
    }

    /** How many are open. */
    int open() {
        return streams.size();
    }

    /** Writes to every stream whose turn it is; each has one within {@link #SILENCE_SECONDS} turns. */
    void beat(int turn) {
        int now = Math.floorMod(turn, SILENCE_SECONDS);
        streams.stream()
                .filter(stream -> Math.floorMod(stream.number, SILENCE_SECONDS) == now)
                .forEach(Stream::beat);
    }

    private final class Stream {
        private final SseEmitter emitter;
        private final Supplier<Optional<String>> news;
        private final int number;
        private final AtomicBoolean said = new AtomicBoolean();
        private Watch.Waiting waiting = () -> {};

        Stream(SseEmitter emitter, Supplier<Optional<String>> news, int number) {
            this.emitter = emitter;
            this.news = news;
            this.number = number;
        }

        void open(String id) {
            streams.add(this);
            // In a thread of its own: the phone that decided does not wait for browsers.
            waiting = watch.on(id, () -> Thread.ofVirtual().name("events").start(this::look));
            emitter.onCompletion(this::close);
            emitter.onTimeout(emitter::complete);
            emitter.onError(_ -> close());
            send(SseEmitter.event().reconnectTime(RETRY_MILLIS).comment(""));
            look();
        }

        private void look() {
            news.get().filter(_ -> said.compareAndSet(false, true)).ifPresent(text -> {
                send(SseEmitter.event().name("decided").data(text));
                end();
            });
        }

        void beat() {
            send(SseEmitter.event().comment(""));
        }

        void end() {
            close();
            emitter.complete();
        }

        /** Whoever has gone, or ended at this moment, needs no answer. */
        private void send(SseEmitter.SseEventBuilder event) {
            try {
                emitter.send(event);
            } catch (IOException | IllegalStateException e) {
                close();
            }
        }

        private void close() {
            streams.remove(this);
            waiting.close();
        }
    }

    @Override
    public void start() {
        running = true;
    }

    /** Before the web server waits for open replies to end. */
    @Override
    public void stop() {
        running = false;
        streams.forEach(Stream::end);
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
