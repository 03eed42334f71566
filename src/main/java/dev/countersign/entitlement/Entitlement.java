package dev.countersign.entitlement;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is agreed for one environment.
 *
 * @param features what may be switched on
 * @param seats of how many people a second factor may be required; absent means any number
 * @param endsAt when it ends; absent means never
 */
public record Entitlement(Set<Feature> features, Optional<Long> seats, Optional<Instant> endsAt) {
    /** What is agreed where nothing was set: everything, without limit. */
    public static final Entitlement UNLIMITED =
            new Entitlement(EnumSet.allOf(Feature.class), Optional.empty(), Optional.empty());

    public static final long MOST_SEATS = 1_000_000_000;

    public Entitlement {
        features = Set.copyOf(features);
        if (seats.filter(number -> number < 1 || number > MOST_SEATS).isPresent()) {
            throw new IllegalArgumentException("seats must be 1 to " + MOST_SEATS + ", not " + seats.get());
        }
    }

    public boolean isOver(Instant now) {
        return endsAt.filter(end -> !now.isBefore(end)).isPresent();
    }

    /** In words for the log: {@code group-scope, required-mode; 50 seats; until 2027-01-01T00:00:00Z}. */
    public String describe() {
        String names = features.stream().map(Feature::wireName).sorted().collect(Collectors.joining(", "));
        return (names.isEmpty() ? "no features" : names)
                + "; " + seats.map(number -> number + " seats").orElse("any number of seats")
                + "; " + endsAt.map(end -> "until " + end).orElse("without end");
    }
}
