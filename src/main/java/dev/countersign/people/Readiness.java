package dev.countersign.people;

import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.policy.Rules;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** What would happen to each person at the next sign-in if certain rules held: asked before they do. Thread-safe. */
@Component
public final class Readiness {
    private final PeopleStore store;
    private final Groups groups;

    Readiness(PeopleStore store, Groups groups) {
        this.store = store;
        this.groups = groups;
    }

    /** What would happen to someone the rules cover. */
    public enum Verdict {
        /** Could not sign in: there is neither a second factor nor a password to register one after, or the account is locked. */
        LOCKED_OUT,
        /** Would be led through registration. */
        ASKED_TO_ENROL,
        /** Has a second factor, or is exempt. */
        FINE;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** The verdict with this {@link #wireName()}, if there is one. */
        public static Optional<Verdict> ofWireName(String name) {
            return List.of(values()).stream()
                    .filter(verdict -> verdict.wireName().equals(name))
                    .findFirst();
        }
    }

    /** Whom of the covered a list is to show; what is absent makes no difference. */
    public record Wanted(Optional<Verdict> verdict, Optional<Companion> companion) {
        public static final Wanted ALL = new Wanted(Optional.empty(), Optional.empty());

        public static Wanted of(Verdict verdict) {
            return new Wanted(Optional.of(verdict), Optional.empty());
        }

        public static Wanted of(Companion companion) {
            return new Wanted(Optional.empty(), Optional.of(companion));
        }
    }

    /**
     * One person the rules would cover.
     *
     * @param hasCompanion whether a phone can approve their sign-ins
     * @param emailConfirmed whether the person has shown that the mail address is theirs
     * @param exemptUntil the end of an exemption that has not ended
     */
    public record Line(
            AccountId id,
            String username,
            String displayName,
            String email,
            Verdict verdict,
            boolean hasSecondFactor,
            boolean hasPassword,
            boolean hasCompanion,
            boolean emailConfirmed,
            Optional<Instant> exemptUntil,
            Optional<Instant> lastSignInAt) {}

    /**
     * The report in numbers.
     *
     * @param verdicts how many people have each verdict
     * @param addressNotConfirmed covered people a mail may not reach
     * @param neverSignedIn covered people who have never signed in
     * @param withoutCompanion covered people without a phone that approves
     */
    public record Summary(
            Map<Verdict, Long> verdicts, long addressNotConfirmed, long neverSignedIn, long withoutCompanion) {
        public long of(Verdict verdict) {
            return verdicts.getOrDefault(verdict, 0L);
        }

        public long total() {
            return verdicts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    public Summary summary(EnvironmentId environment, Rules rules, Instant now) {
        return store.readiness(query(environment, rules, Optional.empty(), now));
    }

    /**
     * Some of the people the rules would cover, in order of username.
     *
     * @param wanted only those
     * @param after the username key the page begins after; empty for the first
     */
    public List<Line> lines(
            EnvironmentId environment, Rules rules, Wanted wanted, String after, int limit, Instant now) {
        return store.readinessLines(query(environment, rules, wanted.companion(), now), wanted.verdict(), after, limit);
    }

    /** What continues {@link #lines} after this one. */
    public String keyAfter(EnvironmentId environment, Line line) {
        return store.key(environment, line.id(), PeopleSort.USERNAME).orElse("");
    }

    private PeopleQuery query(EnvironmentId environment, Rules rules, Optional<Companion> companion, Instant now) {
        Coverage coverage = new Coverage(Coverage.of(rules, groups::withNested), Optional.empty());
        PeopleFilter filter = companion.map(PeopleFilter.EVERYONE::with).orElse(PeopleFilter.EVERYONE);
        return new PeopleQuery(environment, filter, coverage, Set.of(), Set.of(), now);
    }
}
