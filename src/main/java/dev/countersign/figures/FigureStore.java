package dev.countersign.figures;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.springframework.stereotype.Component;

/** All SQL of figures. */
@Component
final class FigureStore {
    private static final List<String> REFUSALS = List.of("sign-in-refused", "sign-in-throttled");

    private final Database database;

    FigureStore(Database database) {
        this.database = database;
    }

    /** The days that are kept, from {@code first} on. */
    Map<LocalDate, Day> since(EnvironmentId environment, LocalDate first) {
        Map<LocalDate, Day> days = new HashMap<>();
        database.sql()
                .sql("SELECT * FROM daily_figure WHERE environment_id = ? AND day >= ?")
                .params(environment.value(), first.toEpochDay())
                .query(row -> {
                    LocalDate date = LocalDate.ofEpochDay(row.getLong("day"));
                    days.put(
                            date,
                            new Day(
                                    date,
                                    row.getLong("signed_in"),
                                    row.getLong("refused"),
                                    row.getLong("people"),
                                    row.getLong("enrolled")));
                });
        return days;
    }

    /** Counts a day that is not over: all accounts there are, which indexes alone can tell. */
    Day today(EnvironmentId environment, LocalDate date) {
        return count(
                environment,
                date,
                _ -> accounts("1 = 1", environment),
                _ -> accounts("enrolled_at IS NOT NULL", environment));
    }

    /** Counts a day that is over from the log and the accounts as they are now. */
    Day count(EnvironmentId environment, LocalDate date) {
        return count(
                environment,
                date,
                end -> accounts("created_at < " + end, environment),
                end -> accounts("enrolled_at < " + end, environment));
    }

    private Day count(EnvironmentId environment, LocalDate date, LongUnaryOperator people, LongUnaryOperator enrolled) {
        long start = date.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long end = date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        return new Day(
                date,
                entries(environment, List.of("sign-in-completed"), start, end),
                entries(environment, REFUSALS, start, end),
                people.applyAsLong(end),
                enrolled.applyAsLong(end));
    }

    private long entries(EnvironmentId environment, List<String> kinds, long start, long end) {
        return database.sql()
                .sql("""
                        SELECT coalesce(sum(repeats), 0) FROM activity
                        WHERE environment_id = :environment AND kind IN (:kinds) AND at >= :start AND at < :end""")
                .param("environment", environment.value())
                .param("kinds", kinds)
                .param("start", start)
                .param("end", end)
                .query(Long.class)
                .single();
    }

    private long accounts(String condition, EnvironmentId environment) {
        return database.sql()
                .sql("SELECT count(*) FROM account WHERE environment_id = ? AND " + condition)
                .param(environment.value())
                .query(Long.class)
                .single();
    }

    void insert(EnvironmentId environment, Day day) {
        database.sql()
                .sql("""
                        INSERT INTO daily_figure (environment_id, day, signed_in, refused, people, enrolled)
                        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""")
                .params(
                        environment.value(),
                        day.date().toEpochDay(),
                        day.signedIn(),
                        day.refused(),
                        day.people(),
                        day.enrolled())
                .update();
    }
}
