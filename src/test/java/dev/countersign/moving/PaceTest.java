package dev.countersign.moving;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long transactions become when many lines come in. */
class PaceTest {
    private static Pace after(Duration perLine, int transactions) {
        Pace pace = new Pace(2_000);
        for (int i = 0; i < transactions; i++) {
            int lines = pace.of(1_000_000);
            pace.took(lines, lines, perLine.multipliedBy(lines));
        }
        return pace;
    }

    @Test
    void a_transaction_comes_to_take_as_long_as_others_may_wait() {
        assertThat(after(Duration.ofNanos(100_000), 10).of(1_000_000)).isBetween(450, 500);
        assertThat(after(Duration.ofNanos(1), 10).of(1_000_000)).isBetween(1_900, 2_000);
        assertThat(after(Duration.ZERO, 10).of(1_000_000)).isBetween(1_900, 2_000);
    }

    @Test
    void a_slow_machine_still_takes_some_together() {
        assertThat(after(Duration.ofMillis(10), 10).of(1_000_000)).isEqualTo(Pace.FEWEST);
    }

    @Test
    void the_rest_is_taken_in_equal_parts_to_the_last_line() {
        Pace pace = new Pace(2_000);
        int first = pace.of(1_000_000);
        assertThat(pace.of(first + 1)).isEqualTo(first / 2 + 1);
        assertThat(pace.of(1)).isEqualTo(1);
    }

    @Test
    void after_a_line_that_is_alone_few_are_tried() {
        Pace pace = after(Duration.ofNanos(1), 10);
        pace.took(2_000, 1, Duration.ofMillis(1));
        assertThat(pace.of(1_000_000)).isEqualTo(Pace.FEWEST);
    }
}
