package dev.countersign.web;

import dev.countersign.kernel.Stopwatch;
import dev.countersign.web.WatchedProtocol.Exchange;
import dev.countersign.web.WatchedProtocol.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Ends requests that arrive too slowly, and idle connections when there are hardly any left. A head has 20 seconds in all; a body that takes
 * longer than that has to bring 500 bytes a second (the figures of Apache's mod_reqtimeout). Of heads and of slow bodies so many are borne at
 * once; beyond, the oldest end. There is no limit for an address: behind a proxy, and behind the router of a company, everybody has the same.
 * Not thread-safe but for {@link #ended}.
 */
@Component
public final class SlowRequests implements WebServerFactoryCustomizer<TomcatWebServerFactory> {
    static final Duration HEAD = Duration.ofSeconds(20);
    static final Duration BODY = Duration.ofSeconds(20);
    static final long LEAST_BYTES_A_SECOND = 500;

    /** A head that is not complete holds some 56 KB: 32 of the head, 8 read at once, and 16 to reply. */
    static final int MOST_HEADS = 700;

    /** A body that is not complete holds a thread as well, and somebody's place in {@link Crowd}. */
    static final int MOST_SLOW_BODIES = 500;

    /** So many connections are kept free. */
    static final int SPARE = 1_000;

    /** A body has been slow for so long before it is one of too many. */
    private static final Duration SURELY_SLOW = Duration.ofSeconds(2);

    private final LongAdder ended = new LongAdder();
    private final Map<Exchange, Seen> seen = new IdentityHashMap<>();
    private Set<SocketWrapperBase<?>> idleBefore = Set.of();
    private volatile Optional<WatchedProtocol> protocol = Optional.empty();

    private record Seen(Exchange exchange, long request, Phase phase, Stopwatch since, long bytes) {
        Duration age() {
            return since.elapsed();
        }

        boolean isSlow() {
            return bytes < LEAST_BYTES_A_SECOND * age().toSeconds();
        }

        boolean isOver() {
            return switch (phase) {
                case HEAD -> age().compareTo(HEAD) > 0;
                case BODY -> age().compareTo(BODY) > 0 && isSlow();
                case REPLY -> false;
            };
        }
    }

    @Override
    public void customize(TomcatWebServerFactory factory) {
        factory.setProtocol(WatchedProtocol.class.getName());
        factory.addConnectorCustomizers(connector -> {
            if (connector.getProtocolHandler() instanceof WatchedProtocol watched) {
                protocol = Optional.of(watched);
            }
        });
    }

    /** How many requests and connections were ended. */
    public long ended() {
        return ended.sum();
    }

    /** To be called about twice a second. */
    void look() {
        protocol.ifPresent(watched -> {
            List<Seen> all = note(watched);
            all.stream().filter(Seen::isOver).forEach(this::end);
            endOldest(all.stream().filter(one -> one.phase() == Phase.HEAD), MOST_HEADS);
            endOldest(
                    all.stream()
                            .filter(one -> one.phase() == Phase.BODY
                                    && one.isSlow()
                                    && one.age().compareTo(SURELY_SLOW) > 0),
                    MOST_SLOW_BODIES);
            makeRoom(watched);
        });
    }

    /** What is under way, each with the time since it was first seen. */
    private List<Seen> note(WatchedProtocol watched) {
        Map<Exchange, Seen> now = new IdentityHashMap<>();
        for (Exchange exchange : watched.exchanges()) {
            Seen before = seen.get(exchange);
            long request = exchange.request();
            Stopwatch since = before != null && before.request() == request ? before.since() : Stopwatch.start();
            now.put(exchange, new Seen(exchange, request, exchange.phase(), since, exchange.bodyRead()));
        }
        seen.clear();
        seen.putAll(now);
        return new ArrayList<>(now.values());
    }

    private void endOldest(java.util.stream.Stream<Seen> some, int most) {
        List<Seen> byAge = some.sorted(Comparator.comparing(Seen::age)).toList();
        byAge.stream().skip(most).forEach(this::end);
    }

    private void end(Seen one) {
        one.exchange().close();
        ended.increment();
    }

    /** Idle connections are a favour: their browsers open another when they need one. */
    private void makeRoom(WatchedProtocol watched) {
        long tooMany = watched.connections() - (watched.getMaxConnections() - SPARE);
        if (tooMany <= 0) {
            idleBefore = Set.of();
            return;
        }
        List<SocketWrapperBase<?>> idle = watched.idle();
        long left = tooMany;
        for (SocketWrapperBase<?> socket : idle) {
            if (left > 0 && idleBefore.contains(socket)) {
                socket.close();
                ended.increment();
                left--;
            }
        }
        idleBefore = new HashSet<>(idle);
    }
}
