package dev.countersign.metrics;

import dev.countersign.kernel.Observation;
import dev.countersign.kernel.Stopwatch;
import dev.countersign.web.RequestObserver;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** How long requests and their parts take. */
@Component
@ConditionalOnProperty("countersign.management")
final class RequestMetrics implements RequestObserver {
    private static final double[] BOUNDS = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
    private static final double NANOS = 1e9;

    private final Histogram requests;
    private final Gauge underWay;
    private final Map<Observation.Part, Histogram> parts = new EnumMap<>(Observation.Part.class);

    RequestMetrics(Metrics metrics) {
        this.requests = Histogram.builder()
                .name("countersign_request_seconds")
                .help("Time of requests. Steps of a sign-in by their route, everything else by its door.")
                .labelNames("route", "status")
                .classicOnly()
                .classicUpperBounds(BOUNDS)
                .register(metrics.registry());
        this.underWay = Gauge.builder()
                .name("countersign_requests_under_way")
                .help("Requests that are being answered.")
                .register(metrics.registry());
        for (Observation.Part part : Observation.Part.values()) {
            parts.put(
                    part,
                    Histogram.builder()
                            .name("countersign_" + part.words().replace(' ', '_') + "_seconds")
                            .help(help(part))
                            .classicOnly()
                            .classicUpperBounds(BOUNDS)
                            .register(metrics.registry()));
        }
    }

    private static String help(Observation.Part part) {
        return switch (part) {
            case DATABASE_WRITE -> "Time of transactions that write, with their wait and their commit.";
            case HASH_WAIT -> "Wait of passwords until it is their turn to be hashed.";
            case HASH -> "Time of hashing a password.";
            case PUSH -> "Time of handing a message to a push service.";
            case MAIL -> "Time of handing a mail to a mail server.";
        };
    }

    @Override
    public Seen begin(String method, String trace) {
        underWay.inc();
        return new Timed(Stopwatch.start());
    }

    private final class Timed implements Seen {
        private final Stopwatch all;

        Timed(Stopwatch all) {
            this.all = all;
        }

        @Override
        public <T> T observe(Observation.Part part, Supplier<T> work) {
            Stopwatch one = Stopwatch.start();
            try {
                return work.get();
            } finally {
                RequestMetrics.this.observe(part, one);
            }
        }

        @Override
        public void end(String route, int status) {
            underWay.dec();
            requests.labelValues(door(route), status / 100 + "xx").observe(all.nanos() / NANOS);
        }
    }

    private void observe(Observation.Part part, Stopwatch time) {
        Histogram histogram = parts.get(part);
        if (histogram != null) {
            histogram.observe(time.nanos() / NANOS);
        }
    }

    /** Few values, whatever is asked for: routes are known when the server is built. */
    static String door(String route) {
        if (route.startsWith("/sign-in")
                || route.startsWith("/api/v1/sign-ins")
                || route.startsWith("/api/v1/challenges")
                || route.equals("/api/v1/verifications")) {
            return route;
        }
        if (route.startsWith("/api/v1/phone")) {
            return "/api/v1/phone";
        }
        int second = route.indexOf('/', 1);
        String first = second < 0 ? route : route.substring(0, second);
        return first.isEmpty() || first.equals("/**") ? "none" : first;
    }
}
