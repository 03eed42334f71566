package dev.countersign.portal;

import dev.countersign.factor.companion.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** A stream of server-sent events that says one thing and ends. */
final class Events {
    private Events() {}

    /**
     * Waits for the request or pairing with this id to change.
     *
     * @param life after which the stream ends by itself; the browser then looks at the page again
     * @param news what is to be said, as soon as there is something
     */
    static SseEmitter until(Watch watch, String id, Duration life, Supplier<Optional<String>> news) {
        SseEmitter emitter = new SseEmitter(life.toMillis());
        AtomicBoolean said = new AtomicBoolean();
        Runnable look =
                () -> news.get().filter(_ -> said.compareAndSet(false, true)).ifPresent(text -> say(emitter, text));
        Watch.Waiting waiting = watch.on(id, look);
        emitter.onCompletion(waiting::close);
        emitter.onTimeout(emitter::complete);
        look.run();
        return emitter;
    }

    private static void say(SseEmitter emitter, String text) {
        try {
            emitter.send(SseEmitter.event().name("decided").data(text));
            emitter.complete();
        } catch (IOException e) {
            emitter.completeWithError(e);
        } catch (IllegalStateException e) {
            // It ended at this moment; the phone that decided must not hear of it.
            emitter.complete();
        }
    }
}
