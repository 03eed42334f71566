package dev.countersign.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Identifiers that lie together. */
class RandomnessTest {
    private final Randomness randomness = new Randomness();

    @Test
    void parts_follow_each_other_and_no_identifier_repeats() {
        for (int parts : List.of(1, 2, 32, 64, 1_024)) {
            Set<String> all = new HashSet<>();
            String last = "";
            for (int part = 0; part < parts; part++) {
                List<String> of = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    of.add(randomness.identifier(part, parts));
                }
                of.sort(null);
                assertThat(of).allMatch(each -> each.matches("[a-z2-7]{26}"));
                assertThat(of.getFirst()).isGreaterThan(last);
                last = of.getLast();
                all.addAll(of);
            }
            assertThat(all).hasSize(20 * parts);
        }
    }

    @Test
    void there_is_no_other_part() {
        assertThatThrownBy(() -> randomness.identifier(2, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> randomness.identifier(0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> randomness.identifier(-1, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> randomness.identifier(0, 2_048)).isInstanceOf(IllegalArgumentException.class);
    }
}
