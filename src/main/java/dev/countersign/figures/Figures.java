package dev.countersign.figures;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * The figures of the last days. A day that is over is counted once and kept; today is counted when asked, in a large environment
 * at most every 15 seconds. Thread-safe.
 */
@Component
public final class Figures {
    /** The days that are shown and kept up. */
    public static final int DAYS = 30;

    /** Counting fewer takes a few milliseconds. */
    private static final int LARGE = 20_000;

    private static final Duration SAID_AGAIN = Duration.ofSeconds(15);

    private record Counted(Day day, Instant at) {}

    private final Map<EnvironmentId, Counted> today = new ConcurrentHashMap<>();
    private final Database database;
    private final FigureStore store;
    private final Environments environments;

    Figures(Database database, FigureStore store, Environments environments) {
        this.database = database;
        this.store = store;
        this.environments = environments;
    }

    /** The last {@link #DAYS} days, the oldest first, today last. */
    public List<Day> lastDays(EnvironmentId environment, Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        Map<LocalDate, Day> kept = store.since(environment, today.minusDays(DAYS - 1L));
        List<Day> days = new ArrayList<>();
        for (LocalDate date = today.minusDays(DAYS - 1L); !date.isAfter(today); date = date.plusDays(1)) {
            Day day = kept.get(date);
            days.add(
                    day != null
                            ? day
                            : date.equals(today) ? today(environment, date, now) : store.count(environment, date));
        }
        return days;
    }

    private Day today(EnvironmentId environment, LocalDate date, Instant now) {
        Counted known = today.get(environment);
        if (known != null
                && known.day().date().equals(date)
                && !now.isBefore(known.at())
                && now.isBefore(known.at().plus(SAID_AGAIN))) {
            return known.day();
        }
        Day day = store.today(environment, date);
        if (day.people() > LARGE) {
            today.put(environment, new Counted(day, now));
        } else {
            today.remove(environment);
        }
        return day;
    }

    /** Keeps the figures of days that are over and not kept yet. */
    public void keep(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        for (Environment environment : environments.all()) {
            Map<LocalDate, Day> kept = store.since(environment.id(), today.minusDays(DAYS - 1L));
            for (LocalDate date = today.minusDays(DAYS - 1L); date.isBefore(today); date = date.plusDays(1)) {
                if (!kept.containsKey(date)) {
                    Day day = store.count(environment.id(), date);
                    database.write(() -> store.insert(environment.id(), day));
                }
            }
        }
    }
}
