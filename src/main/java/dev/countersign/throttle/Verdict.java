package dev.countersign.throttle;

import java.time.Duration;
import java.util.List;

/** Whether an answer may be looked at. */
public sealed interface Verdict {
    /**
     * It may, and is counted as wrong until {@link Throttle#settle} says otherwise.
     *
     * @param exhausted the buckets of which this is the last answer looked at in their window
     */
    record Go(List<Bucket> counted, List<Bucket> exhausted) implements Verdict {}

    /** It may not; ask again after {@code pause}, which is at least one second. */
    record Wait(Duration pause, Bucket because) implements Verdict {}
}
