package dev.countersign.figures;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** Counts a day from the log and the accounts as they are now. */
    Day count(EnvironmentId environment, LocalDate date) {
        long start = date.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long end = date.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        return new Day(
                date,
                entries(environment, List.of("sign-in-completed"), start, end),
                entries(environment, REFUSALS, start, end),
                accounts("created_at", environment, end),
                accounts("enrolled_at", environment, end));
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

    private long accounts(String since, EnvironmentId environment, long end) {
        return database.sql()
                .sql("SELECT count(*) FROM account WHERE environment_id = ? AND " + since + " < ?")
                .params(environment.value(), end)
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
