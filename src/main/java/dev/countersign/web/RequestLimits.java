package dev.countersign.web;

import dev.countersign.configuration.Settings;
import dev.countersign.throttle.AddressBlock;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * How many REST requests come from one address and with one API key, a minute. Counted in memory, in a table that does not grow
 * beyond a size. Each answer says what is left ({@code RateLimit}, {@code RateLimit-Policy}: draft-ietf-httpapi-ratelimit-headers).
 * Thread-safe.
 */
@Component
final class RequestLimits {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MOST_COUNTED = 20_000;

    private final int most;
    private final Problems problems;
    private final Clock clock;

    /** The least recently used goes first. */
    private final Map<String, Count> counts = new LinkedHashMap<>(1_024, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > MOST_COUNTED;
        }
    };

    RequestLimits(Settings settings, Problems problems, Clock clock) {
        this.most = settings.requestsPerMinute();
        this.problems = problems;
        this.clock = clock;
    }

    private record Count(Instant start, int used) {}

    /** Counts a request of an address; answers 429 itself when there were too many. */
    boolean admit(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String address = RequestFacts.of(request).address();
        String block = AddressBlock.of(address).map(AddressBlock::text).orElse(address);
        return admit("address", "address:" + block, request, response);
    }

    /** Counts a request of an API key. */
    boolean admit(ApiCaller caller, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (caller.key().isEmpty()) {
            return true;
        }
        return admit("api-key", "key:" + caller.key().get().id(), request, response);
    }

    private boolean admit(String policy, String whose, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Instant now = clock.instant();
        Count count = count(whose, now);
        long left = Math.max(0, most - count.used());
        long seconds = Math.max(
                1,
                Duration.between(now, count.start().plus(WINDOW))
                        .plusMillis(999)
                        .toSeconds());
        response.addHeader("RateLimit-Policy", "\"" + policy + "\";q=" + most + ";w=" + WINDOW.toSeconds());
        response.addHeader("RateLimit", "\"" + policy + "\";r=" + left + ";t=" + seconds);
        if (count.used() <= most) {
            return true;
        }
        problems.send(
                Refusal.until(
                        ProblemType.TOO_MANY_REQUESTS,
                        Duration.ofSeconds(seconds),
                        "At most " + most + " requests a minute. Wait " + seconds + " seconds."),
                request,
                response);
        return false;
    }

    private Count count(String whose, Instant now) {
        synchronized (counts) {
            Count before = counts.get(whose);
            // A minute that began in the future, before the clock was set back, begins now.
            Count after = before != null && now.isBefore(before.start().plus(WINDOW))
                    ? new Count(before.start().isAfter(now) ? now : before.start(), Math.min(before.used(), most) + 1)
                    : new Count(now, 1);
            counts.put(whose, after);
            return after;
        }
    }
}
