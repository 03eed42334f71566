package dev.countersign.moving;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.util.Optional;

/**
 * A file someone gave to be looked at, and perhaps taken in.
 *
 * @param giver whoever gave it, later whoever had it taken in
 * @param bytesRead how much of it has been taken in
 * @param run names the list of what was refused, once it is at its end
 * @param problem why it stopped before its end; empty when it did not
 */
public record ImportFile(
        String id,
        EnvironmentId environment,
        Kind kind,
        boolean replaceFactors,
        String name,
        long bytes,
        AccountId giver,
        String giverName,
        Origin origin,
        Instant createdAt,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt,
        long bytesRead,
        Counts counts,
        Optional<String> run,
        String problem) {

    /** What a file is. */
    public enum Kind {
        JSONL(MovingIn.Format.JSONL),
        CSV(MovingIn.Format.CSV),
        KEYCLOAK(MovingIn.Format.KEYCLOAK),
        /** A table of groups. */
        GROUPS;

        private final Optional<MovingIn.Format> people;

        Kind() {
            this.people = Optional.empty();
        }

        Kind(MovingIn.Format people) {
            this.people = Optional.of(people);
        }

        /** How people stand in it; absent for groups. */
        public Optional<MovingIn.Format> people() {
            return people;
        }

        public static Kind of(MovingIn.Format format) {
            return valueOf(format.name());
        }
    }

    public boolean isStarted() {
        return startedAt.isPresent();
    }

    public boolean isFinished() {
        return finishedAt.isPresent();
    }

    /** How far it is, of a hundred. */
    public long percent() {
        return isFinished() || bytes == 0 ? 100 : Math.min(99, bytesRead * 100 / bytes);
    }
}
