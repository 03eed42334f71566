package dev.countersign.push;

import dev.countersign.kernel.Observation;
import dev.countersign.kernel.Tally;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.WebPushCipher;
import java.io.IOException;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Sends a message to a browser through its push service, RFC 8030. Blocks for some seconds at most: call it outside of
 * transactions, on a virtual thread. Thread-safe; more than {@value #AT_ONCE} callers wait for each other.
 */
@Component
public final class PushSender implements DisposableBean {
    /** Longest message. All are sent at this length. */
    public static final int LONGEST_MESSAGE = 3 * 1024;

    private static final int AT_ONCE = 128;
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(12));
    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);
    private static final Duration USUAL_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_LIFE = Duration.ofDays(28);
    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9_-]{1,32}");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

    private final Endpoints endpoints;
    private final PushKeys keys;
    private final Randomness randomness;
    private final PushPost toPublic;
    private final PushPost toListed;
    private final Patience patience;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final Tally outcomes = new Tally("accepted", "gone", "later", "refused");

    /**
     * How long a push service may take.
     *
     * @param each for a connection, and for each piece of the answer
     * @param all for everything
     */
    record Patience(Duration each, Duration all) {}

    @Autowired
    PushSender(Endpoints endpoints, PushKeys keys, Randomness randomness) {
        this(endpoints, keys, randomness, SystemDefaultDnsResolver.INSTANCE, PATIENCE);
    }

    PushSender(Endpoints endpoints, PushKeys keys, Randomness randomness, DnsResolver names, Patience patience) {
        this.endpoints = endpoints;
        this.keys = keys;
        this.randomness = randomness;
        this.toPublic = new PushPost(new PublicNames(names), patience.each());
        this.toListed = new PushPost(names, patience.each());
        this.patience = patience;
    }

    /**
     * Sends one message.
     *
     * @param message at most {@link #LONGEST_MESSAGE} bytes; only the browser can read it
     * @param life how long the push service keeps it for a browser that is not there; up to 28 days
     * @param topic a message of the same topic that still waits is replaced; up to 32 characters of base64url
     */
    public Sent send(
            Subscription to, byte[] message, Duration life, Urgency urgency, Optional<String> topic, Instant now) {
        check(message, life, topic);
        Sent sent = Observation.of(Observation.Part.PUSH, () -> attempt(to, message, life, urgency, topic, now));
        outcomes.add(sent.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        return sent;
    }

    /** How messages fared since the start, by {@link Sent} in small letters. */
    public Tally outcomes() {
        return outcomes;
    }

    private Sent attempt(
            Subscription to, byte[] message, Duration life, Urgency urgency, Optional<String> topic, Instant now) {
        return switch (endpoints.judge(to.endpoint())) {
            case Endpoints.Verdict.Refused(String why) -> new Sent.Refused(why);
            case Endpoints.Verdict.Public(URI endpoint, URI origin) ->
                post(toPublic, request(to, endpoint, origin, message, life, urgency, topic, now), now);
            case Endpoints.Verdict.Listed(URI endpoint, URI origin) ->
                post(toListed, request(to, endpoint, origin, message, life, urgency, topic, now), now);
        };
    }

    private static void check(byte[] message, Duration life, Optional<String> topic) {
        if (message.length > LONGEST_MESSAGE) {
            throw new IllegalArgumentException("a message has at most " + LONGEST_MESSAGE + " bytes");
        }
        if (life.isNegative() || life.compareTo(LONGEST_LIFE) > 0) {
            throw new IllegalArgumentException("a message lives at most " + LONGEST_LIFE);
        }
        if (topic.filter(text -> !TOPIC.matcher(text).matches()).isPresent()) {
            throw new IllegalArgumentException("a topic is 1 to 32 characters of base64url");
        }
    }

    private HttpPost request(
            Subscription to,
            URI endpoint,
            URI origin,
            byte[] message,
            Duration life,
            Urgency urgency,
            Optional<String> topic,
            Instant now) {
        byte[] body = WebPushCipher.encrypt(to.key(), to.auth(), message, LONGEST_MESSAGE, randomness);
        HttpPost request = new HttpPost(endpoint);
        request.setHeader("TTL", Long.toString(life.toSeconds()));
        request.setHeader("Urgency", urgency.header());
        topic.ifPresent(text -> request.setHeader("Topic", text));
        request.setHeader("Content-Encoding", "aes128gcm");
        request.setHeader("Authorization", keys.authorization(origin, now));
        request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_OCTET_STREAM));
        return request;
    }

    /** One deadline over everything, looking the name up and an answer that comes drop by drop included. */
    private Sent post(PushPost post, HttpPost request, Instant now) {
        try {
            if (!places.tryAcquire(patience.each().toMillis(), TimeUnit.MILLISECONDS)) {
                return new Sent.Later(USUAL_PAUSE);
            }
            return start(post, request, now).get(patience.all().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            return failure(e.getCause());
        } catch (TimeoutException e) {
            request.cancel();
            return new Sent.Later(USUAL_PAUSE);
        } catch (InterruptedException e) {
            request.cancel();
            Thread.currentThread().interrupt();
            return new Sent.Later(USUAL_PAUSE);
        }
    }

    /** Its place is free when it has ended, which may be after the caller has gone: a look-up cannot be interrupted. */
    private CompletableFuture<Sent> start(PushPost post, HttpPost request, Instant now) {
        CompletableFuture<Sent> result = new CompletableFuture<>();
        Thread.ofVirtual().name("push").start(() -> {
            try {
                result.complete(meaning(post.send(request), now));
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            } finally {
                places.release();
            }
        });
        return result;
    }

    private static Sent failure(@Nullable Throwable cause) {
        return switch (cause) {
            case PublicNames.NotPublic _ -> new Sent.Refused("the endpoint's name has an address that is not public");
            case IOException _ -> new Sent.Later(USUAL_PAUSE);
            case RuntimeException bug -> throw bug;
            case null, default -> throw new IllegalStateException(cause);
        };
    }

    /** RFC 8030 sections 5, 7.3 and 8.4. */
    private static Sent meaning(PushPost.Answer answer, Instant now) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return new Sent.Accepted();
        }
        if (status == 404 || status == 410) {
            return new Sent.Gone();
        }
        return status == 408 || status == 429 || status >= 500
                ? new Sent.Later(pause(answer.retryAfter(), now))
                : new Sent.Refused("the push service answers " + status);
    }

    /** The header in either of its forms, RFC 9110 section 10.2.3. */
    private static Duration pause(String retryAfter, Instant now) {
        Duration asked = USUAL_PAUSE;
        if (SECONDS.matcher(retryAfter).matches()) {
            asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        } else if (!retryAfter.isEmpty()) {
            try {
                Instant at = ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                asked = Duration.between(now, at);
            } catch (DateTimeException e) {
                return USUAL_PAUSE;
            }
        }
        Duration least = asked.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : asked;
        return least.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : least;
    }

    @Override
    public void destroy() throws IOException {
        toPublic.close();
        toListed.close();
    }
}
