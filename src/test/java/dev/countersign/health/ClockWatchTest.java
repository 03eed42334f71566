package dev.countersign.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Ticks;
import dev.countersign.store.Database;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** AC-013: a clock that jumps is noticed. */
class ClockWatchTest {
    private static final Instant START = Instant.parse("2026-03-02T08:00:00Z");

    private final ClockWatch watch = new ClockWatch();
    private Instant clock = START;
    private long nanos = -5_000_000_000L;

    private Optional<Duration> after(Duration passed, Duration jump) {
        clock = clock.plus(passed).plus(jump);
        nanos += passed.toNanos();
        return watch.look(clock, nanos);
    }

    @Test
    void ac_013_time_that_passes_is_no_jump() {
        assertThat(watch.look(clock, nanos)).isEmpty();
        for (Duration passed : List.of(Duration.ofMinutes(1), Duration.ofDays(3), Duration.ZERO)) {
            assertThat(after(passed, Duration.ZERO)).isEmpty();
        }
        assertThat(after(Duration.ofMinutes(1), Duration.ofSeconds(-9)))
                .as("set right in small steps")
                .isEmpty();
    }

    @Test
    void ac_013_a_clock_set_back_or_forward_is_named_once() {
        assertThat(watch.look(clock, nanos)).isEmpty();
        for (Duration jump :
                List.of(Duration.ofMinutes(-5), Duration.ofHours(-24), Duration.ofHours(24), Duration.ofSeconds(10))) {
            assertThat(after(Duration.ofMinutes(1), jump)).contains(jump);
            assertThat(after(Duration.ofMinutes(1), Duration.ZERO)).isEmpty();
        }
    }

    @Test
    void ac_013_the_log_says_that_the_clock_jumped() {
        try (TestServer server = TestServer.start()) {
            TestClock clock = server.clock();
            AtomicLong ticks = new AtomicLong();
            Account administrator = server.person("ada", Role.ADMINISTRATOR);
            ClockCondition condition = new ClockCondition(ticks::get);
            ClockJob job = new ClockJob(
                    server.get(Environments.class),
                    server.get(ActivityLog.class),
                    server.get(Database.class),
                    clock,
                    ticks::get,
                    condition);
            job.look();
            clock.advance(Duration.ofMinutes(5));
            ticks.addAndGet(Duration.ofMinutes(1).toNanos());
            job.look();
            job.look();
            List<ActivityEntry> jumps = server
                    .get(ActivityLog.class)
                    .newest(server.environment().id(), 100)
                    .stream()
                    .filter(entry -> entry.kind().equals("clock-jumped"))
                    .toList();
            assertThat(jumps).hasSize(1).allMatch(entry -> entry.details().contains("240"));
            assertThat(server.get(Alerts.class)
                            .unacknowledged(server.environment().id(), administrator.id(), 10))
                    .extracting(Alert::kind, Alert::arguments)
                    .containsExactly(tuple(Alert.Kind.CLOCK_JUMPED, List.of("240")));
            assertThat(condition.wrong(clock.instant()))
                    .hasValueSatisfying(why -> assertThat(why).contains("240 s"));
            clock.advance(Duration.ofMinutes(-4));
            job.look();
            assertThat(condition.wrong(clock.instant())).as("set right again").isEmpty();
        }
    }

    @Test
    void a_clock_that_is_not_the_machines_is_its_own_measure() {
        TestClock moved = new TestClock();
        Ticks ticks = Ticks.of(moved);
        long before = ticks.nanos();
        moved.advance(Duration.ofMinutes(5));
        assertThat(ticks.nanos() - before).isEqualTo(Duration.ofMinutes(5).toNanos());
    }
}
