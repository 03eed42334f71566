package dev.countersign.activity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SequenceSetTest {
    @Test
    void holds_what_a_set_of_numbers_holds_whatever_is_added_and_forgotten() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            SequenceSet numbers = new SequenceSet();
            NavigableSet<Long> expected = new TreeSet<>();
            for (int step = 0; step < 300; step++) {
                long number = random.nextLong(-3, 60);
                if (random.nextInt(20) == 0) {
                    numbers.removeThrough(number);
                    expected.headSet(number, true).clear();
                } else if (random.nextInt(200) == 0) {
                    numbers.clear();
                    expected.clear();
                } else {
                    numbers.add(number);
                    expected.add(number);
                }
                assertThat(numbers.count(-10, 100)).as("seed %d", seed).isEqualTo(expected.size());
                long after = random.nextLong(-5, 60);
                long through = random.nextLong(-5, 62);
                assertThat(numbers.count(after, through))
                        .as("after %d through %d, seed %d", after, through, seed)
                        .isEqualTo(expected.stream()
                                .filter(each -> each > after && each <= through)
                                .count());
                for (long each = -4; each < 61; each++) {
                    assertThat(numbers.contains(each))
                            .as("%d, seed %d", each, seed)
                            .isEqualTo(expected.contains(each));
                }
            }
        }
    }
}
