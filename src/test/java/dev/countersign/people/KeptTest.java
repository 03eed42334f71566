package dev.countersign.people;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How old a figure of a large environment may be. */
class KeptTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final AtomicLong truth = new AtomicLong();
    private final Kept<String, Long> kept = new Kept<>(value -> value > 100);

    private Kept.Counted<Long> at(long seconds) {
        return kept.get("acme", NOW.plusSeconds(seconds), truth::get);
    }

    @Test
    void a_large_figure_is_at_most_15_seconds_old_and_says_so() {
        truth.set(101);
        assertThat(at(0)).isEqualTo(new Kept.Counted<>(101L, NOW));
        truth.set(102);
        assertThat(at(14)).isEqualTo(new Kept.Counted<>(101L, NOW));
        assertThat(at(15)).isEqualTo(new Kept.Counted<>(102L, NOW.plusSeconds(15)));
    }

    @Test
    void a_small_figure_is_counted_each_time() {
        truth.set(100);
        assertThat(at(0).value()).isEqualTo(100);
        truth.set(99);
        assertThat(at(0).value()).isEqualTo(99);
    }

    @Test
    void a_figure_from_the_future_is_not_believed() {
        truth.set(101);
        at(60);
        truth.set(200);
        assertThat(at(0).value()).isEqualTo(200);
    }

    @Test
    void a_figure_is_that_of_its_own_key() {
        truth.set(101);
        at(0);
        assertThat(kept.get("other", NOW, () -> 500L).value()).isEqualTo(500);
    }
}
