package dev.countersign.signin;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Environment;
import dev.countersign.factor.Subject;
import dev.countersign.support.TestInstallation;
import dev.countersign.throttle.Throttle;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Names nobody has: however many are tried, they take no more room than 65,536 of them. {@code -Dcountersign.long=true} tries a
 * million.
 */
class InventedNamesTest {
    private static final int BUDGETS = 65_536;
    private static final int NAMES = Boolean.getBoolean("countersign.long") ? 1_000_000 : 20_000;
    private static final int MOST_MEBIBYTES = 48;

    private final TestInstallation on = TestInstallation.sqlite();

    private long budgets() {
        return on.database()
                .sql()
                .sql("SELECT count(*) FROM guess_budget")
                .query(Long.class)
                .single();
    }

    /** Memory that is in use after everything that can go is gone. */
    private static long mebibytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    @Test
    void invented_names_share_their_budgets_and_leave_nothing_in_memory() {
        Environment acme = on.environment();
        SignInService signIns = on.get(SignInService.class);
        Throttle throttle = on.get(Throttle.class);
        Set<String> shared = new HashSet<>();
        long rows = budgets();
        long before = mebibytes();
        for (int i = 0; i < NAMES; i++) {
            Subject subject = signIns.subject(acme.id(), "invented" + i);
            assertThat(subject).isInstanceOf(Subject.Decoy.class);
            boolean isNew = shared.add(((Subject.Decoy) subject).bucket());
            if (isNew && (NAMES > BUDGETS || i < 200)) {
                assertThat(throttle.reserve(acme.id(), List.of(GuessBuckets.secondFactor(subject)), NOW))
                        .isNotNull();
            }
        }
        double expected = BUDGETS * (1 - Math.exp(-(double) NAMES / BUDGETS));
        assertThat((double) shared.size())
                .as("as many as of so many drawn from 65,536")
                .isBetween(expected * 0.97, expected * 1.03);
        assertThat(shared.size()).isLessThanOrEqualTo(BUDGETS);
        assertThat(budgets() - rows).isLessThanOrEqualTo(Math.min(shared.size(), BUDGETS));
        assertThat(mebibytes() - before).as("MiB").isLessThan(MOST_MEBIBYTES);
    }
}
