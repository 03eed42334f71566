package dev.countersign.metrics;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityListener;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Counts what the log says, once it is committed. No name, no address and nothing typed becomes a label. */
@Component
@ConditionalOnProperty("countersign.management")
final class EventMetrics implements ActivityListener {
    private final Database database;
    private final EnvironmentLabels environments;
    private final Counter signIns;
    private final Counter refusals;
    private final Counter exhausted;
    private final Counter challenges;
    private final Counter approvals;
    private final Counter ended;
    private final Counter resets;
    private final Counter events;

    EventMetrics(Metrics metrics, Database database, EnvironmentLabels environments) {
        this.database = database;
        this.environments = environments;
        this.signIns = counter(
                metrics, "countersign_sign_ins", "Completed sign-ins by what was shown.", "environment", "factors");
        this.refusals = counter(
                metrics,
                "countersign_sign_in_refusals",
                "Answers in a sign-in that were refused, by what was answered and why.",
                "environment",
                "factor",
                "reason");
        this.exhausted = counter(
                metrics,
                "countersign_guesses_exhausted",
                "Budgets of guesses that were used up.",
                "environment",
                "factor");
        this.challenges = counter(
                metrics,
                "countersign_challenges",
                "Second factors that applications asked for over REST.",
                "environment",
                "factor",
                "outcome");
        this.approvals = counter(
                metrics,
                "countersign_approvals",
                "Requests to phones, and what became of them.",
                "environment",
                "outcome");
        this.ended = counter(
                metrics,
                "countersign_sessions_ended",
                "Sessions that ended before their time.",
                "environment",
                "reason");
        this.resets = counter(
                metrics,
                "countersign_second_factors_reset",
                "Second factors that were taken back or replaced for somebody.",
                "environment");
        this.events = counter(metrics, "countersign_events", "Entries of the activity log.", "kind");
    }

    private static Counter counter(Metrics metrics, String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(metrics.registry());
    }

    @Override
    public void recorded(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        database.afterCommit(() -> entries.forEach(entry -> count(environment, entry.event())));
    }

    private void count(EnvironmentId id, ActivityEvent event) {
        events.labelValues(event.kind()).inc();
        String environment = environments.of(id);
        switch (event) {
            case ActivityEvent.SignInCompleted done ->
                signIns.labelValues(environment, words(done.ways())).inc();
            case ActivityEvent.SignInRefused refused ->
                refusals.labelValues(environment, word(refused.factor()), word(refused.refusal()))
                        .inc();
            case ActivityEvent.SignInThrottled throttled ->
                refusals.labelValues(environment, word(throttled.factor()), "throttled")
                        .inc();
            case ActivityEvent.GuessesExhausted all ->
                exhausted.labelValues(environment, word(all.factor())).inc();
            case ActivityEvent.ChallengeAnswered answered ->
                challenges
                        .labelValues(environment, word(answered.factor()), "answered")
                        .inc();
            case ActivityEvent.ChallengeRefused refused ->
                challenges
                        .labelValues(environment, word(refused.factor()), word(refused.refusal()))
                        .inc();
            case ActivityEvent.SessionEnded session ->
                ended.labelValues(environment, word(session.how())).inc();
            case ActivityEvent.TwoFactorReset _, ActivityEvent.PhoneReplaced _ ->
                resets.labelValues(environment).inc();
            default ->
                approval(event)
                        .ifPresent(outcome ->
                                approvals.labelValues(environment, outcome).inc());
        }
    }

    private static Optional<String> approval(ActivityEvent event) {
        return switch (event) {
            case ActivityEvent.ApprovalRequested _ -> Optional.of("requested");
            case ActivityEvent.ApprovalHeldBack _ -> Optional.of("held-back");
            case ActivityEvent.ApprovalGiven _ -> Optional.of("given");
            case ActivityEvent.ApprovalRefused _ -> Optional.of("refused");
            case ActivityEvent.ApprovalDigitsWrong _ -> Optional.of("digits-wrong");
            case ActivityEvent.ApprovalReplayed _ -> Optional.of("replayed");
            case ActivityEvent.ApprovalReported _ -> Optional.of("reported");
            default -> Optional.empty();
        };
    }

    private static String words(List<FactorKind> ways) {
        return ways.stream().map(EventMetrics::word).sorted().collect(Collectors.joining("+"));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
