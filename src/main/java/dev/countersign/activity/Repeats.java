package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which entries are counted together, so that a million refusals make some thousand entries, and none of them hides what
 * matters: only refused and held-back answers are ever counted together, each hour by itself.
 *
 * <ul>
 *   <li>of nobody known, or held back: those of one address, in an hour
 *   <li>when an hour brings more addresses than {@link #ADDRESSES}: all others together
 *   <li>of a known account: each by itself, until an hour brings more than {@link #SINGLE}; then all others together
 * </ul>
 *
 * Thread-safe.
 */
final class Repeats {
    static final int ADDRESSES = 500;
    static final int SINGLE = 5_000;

    private record Hour(String environment, long hour) {}

    private final Map<Hour, AtomicLong> addresses = new ConcurrentHashMap<>();
    private final Map<Hour, AtomicLong> singles = new ConcurrentHashMap<>();

    /**
     * How an entry is counted.
     *
     * @param key names what is counted together
     * @param mixed whether it stands for several accounts and addresses, so that it names none
     */
    record Counted(String key, boolean mixed) {}

    /** How the entry is counted; nothing when it stands by itself. */
    Optional<Counted> of(
            EnvironmentId environment, Optional<AccountId> about, String address, ActivityEvent event, Instant now) {
        return switch (event) {
            case ActivityEvent.SignInRefused refused ->
                refused(environment, about, "refused:" + refused.refusal(), address, now);
            case ActivityEvent.ChallengeRefused refused ->
                refused(
                        environment,
                        about,
                        "challenge:" + refused.refusal() + ':' + refused.application(),
                        address,
                        now);
            case ActivityEvent.SignInThrottled throttled ->
                together(
                        environment,
                        "held:" + throttled.factor(),
                        about.map(AccountId::value).orElse("") + '/' + address,
                        now);
            default -> Optional.empty();
        };
    }

    private Optional<Counted> refused(
            EnvironmentId environment, Optional<AccountId> about, String what, String address, Instant now) {
        return about.isPresent() ? ofKnown(environment, what, now) : together(environment, what, address, now);
    }

    private Optional<Counted> ofKnown(EnvironmentId environment, String what, Instant now) {
        Hour hour = hour(environment, now);
        return count(singles, hour) <= SINGLE
                ? Optional.empty()
                : Optional.of(new Counted(name(hour, what, "known"), true));
    }

    private Optional<Counted> together(EnvironmentId environment, String what, String whose, Instant now) {
        Hour hour = hour(environment, now);
        AtomicLong made = addresses.get(hour);
        boolean many = made != null && made.get() >= ADDRESSES;
        return Optional.of(new Counted(name(hour, what, many ? "many" : whose), many));
    }

    /** A counted entry was new: one more of this hour. */
    void made(EnvironmentId environment, Instant now) {
        long ignored = count(addresses, hour(environment, now));
    }

    private static long count(Map<Hour, AtomicLong> counts, Hour hour) {
        counts.keySet().removeIf(old -> old.hour() < hour.hour() - 1);
        return counts.computeIfAbsent(hour, _ -> new AtomicLong()).incrementAndGet();
    }

    private static Hour hour(EnvironmentId environment, Instant now) {
        return new Hour(environment.value(), now.truncatedTo(ChronoUnit.HOURS).getEpochSecond() / 3_600);
    }

    private static String name(Hour hour, String what, String of) {
        return (hour.environment() + '/' + hour.hour() + '/' + what + '/' + of).toLowerCase(Locale.ROOT);
    }
}
