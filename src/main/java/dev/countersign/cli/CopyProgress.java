package dev.countersign.cli;

import dev.countersign.safekeeping.Progress;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Says on standard error how far a long copy has come: each table, and while it lasts every few seconds. */
final class CopyProgress implements Progress {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final PrintWriter err;
    private final Clock clock;
    private final String verb;
    private String table = "";
    private Instant begun = Instant.EPOCH;
    private Instant said = Instant.EPOCH;
    private long before;

    /** @param verb what is done to the rows: {@code copied} */
    CopyProgress(PrintWriter err, Clock clock, String verb) {
        this.err = err;
        this.clock = clock;
        this.verb = verb;
    }

    @Override
    public void rows(String name, long done, long all) {
        Instant now = clock.instant();
        if (!name.equals(table)) {
            table = name;
            begun = now;
            said = now;
            before = 0;
        }
        boolean finished = done >= all && all > 0;
        if (finished ? done > before : Duration.between(said, now).compareTo(EVERY) >= 0) {
            said = now;
            before = done;
            err.println(line(done, all, Duration.between(begun, now).toMillis()));
            err.flush();
        }
    }

    private String line(long done, long all, long millis) {
        String line = String.format(Locale.ROOT, "%s: %,d of %,d rows %s", table, done, all, verb);
        if (millis < EVERY.toMillis() || done == 0) {
            return line;
        }
        long perSecond = done * 1_000 / millis;
        return line
                + String.format(Locale.ROOT, ", %,d a second", perSecond)
                + (done < all
                        ? String.format(Locale.ROOT, ", about %,d s left", (all - done) * millis / done / 1_000)
                        : "");
    }
}
