package dev.countersign.alert;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityListener;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAdministrators;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Which events become alerts: what the owner of the server does to accounts at its command line, past every permission, a
 * rule that protects less than before, how long sessions and the log last, an exemption of somebody who administers, a sign-in its owner says was somebody else's, and a log that is older than its copy. Told in the transaction of the event, at whatever door it happened.
 */
@Component
final class AlertingEvents implements ActivityListener {
    private static final String COMMAND_LINE = "cli";

    private final Alerts alerts;
    private final Accounts accounts;
    private final NewAdministrators administrators;

    AlertingEvents(Alerts alerts, Accounts accounts, NewAdministrators administrators) {
        this.alerts = alerts;
        this.accounts = accounts;
        this.administrators = administrators;
    }

    @Override
    public void recorded(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        NewAdministrators.Question question = administrators.in(environment);
        entries.forEach(entry -> recorded(question, environment, entry.about(), actor, origin, entry.event(), now));
    }

    private void recorded(
            NewAdministrators.Question question,
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            ActivityEvent event,
            Instant now) {
        if (origin.door().equals(COMMAND_LINE)) {
            question.of(about, event)
                    .ifPresent(
                            made -> alerts.raise(environment, kindOf(made), List.of(actor.name(), made.name()), now));
        }
        kindOf(event, origin)
                .or(() -> atAnyDoor(event))
                .or(() -> byPerson(event, about, actor))
                .ifPresent(kind -> {
                    List<String> arguments = argumentsOf(event, actor).orElseGet(() -> arguments(event, about, actor));
                    Alert alert = alerts.raise(environment, kind, arguments, now);
                    actor.account()
                            .filter(_ -> kind != Alert.Kind.SIGN_IN_REPORTED)
                            .ifPresent(author -> alerts.acknowledge(environment, author, alert.id(), now));
                });
    }

    private static Optional<Alert.Kind> atAnyDoor(ActivityEvent event) {
        return switch (event) {
            case ActivityEvent.ApprovalReported _ -> Optional.of(Alert.Kind.SIGN_IN_REPORTED);
            case ActivityEvent.LogWentBack _ -> Optional.of(Alert.Kind.LOG_WENT_BACK);
            case ActivityEvent.ClockJumped _ -> Optional.of(Alert.Kind.CLOCK_JUMPED);
            case ActivityEvent.SessionLimitsChanged _ -> Optional.of(Alert.Kind.SESSIONS_CHANGED);
            case ActivityEvent.RetentionChanged _ -> Optional.of(Alert.Kind.RETENTION_CHANGED);
            case ActivityEvent.ApprovalRulesChanged(String _, String _, boolean protectsLess)
            when protectsLess -> Optional.of(Alert.Kind.APPROVAL_LOWERED);
            default -> Optional.empty();
        };
    }

    /** What somebody takes back; what the program does by itself when a date has come is none of that. */
    private Optional<Alert.Kind> byPerson(ActivityEvent event, Optional<AccountId> about, Actor actor) {
        return switch (event) {
            case ActivityEvent.AutomaticStartChanged(String before, String _)
            when !before.equals(ActivityEvent.AutomaticStartChanged.NONE)
                    && actor.account().isPresent() -> Optional.of(Alert.Kind.START_CHANGED);
            case ActivityEvent.ExemptionGranted _
            when about.flatMap(accounts::find)
                    .filter(person -> accounts.rights(person).openConsole())
                    .isPresent() -> Optional.of(Alert.Kind.ADMINISTRATOR_EXEMPTED);
            default -> Optional.empty();
        };
    }

    private static Optional<List<String>> argumentsOf(ActivityEvent event, Actor actor) {
        return switch (event) {
            case ActivityEvent.IntegrityBroken(String table, String column, String row) ->
                Optional.of(List.of(actor.name(), table + "." + column, row));
            case ActivityEvent.ApprovalReported(String _, String _, String address) ->
                Optional.of(List.of(actor.name(), address));
            case ActivityEvent.LogWentBack(long here, long outside) ->
                Optional.of(List.of(Long.toString(here), Long.toString(outside)));
            case ActivityEvent.ClockJumped(long seconds) -> Optional.of(List.of(Long.toString(seconds)));
            case ActivityEvent.SessionLimitsChanged(String before, String after) ->
                Optional.of(List.of(actor.name(), before, after));
            case ActivityEvent.RetentionChanged(String before, String after) ->
                Optional.of(List.of(actor.name(), before, after));
            case ActivityEvent.ApprovalRulesChanged(String before, String after, boolean _) ->
                Optional.of(List.of(actor.name(), before, after));
            default -> Optional.empty();
        };
    }

    private static Optional<Alert.Kind> kindOf(ActivityEvent event, Origin origin) {
        if (event instanceof ActivityEvent.PolicyChanged(String _, String _, boolean protectsLess)) {
            return protectsLess ? Optional.of(Alert.Kind.RULE_LOWERED) : Optional.empty();
        }
        if (event instanceof ActivityEvent.IntegrityBroken) {
            return Optional.of(Alert.Kind.INTEGRITY_BROKEN);
        }
        if (!origin.door().equals(COMMAND_LINE)) {
            return Optional.empty();
        }
        return switch (event) {
            case ActivityEvent.TwoFactorReset _ -> Optional.of(Alert.Kind.RESET_ON_SERVER);
            case ActivityEvent.PhoneReplaced _ -> Optional.of(Alert.Kind.PHONE_REPLACED_ON_SERVER);
            case ActivityEvent.InstallationRestored _ -> Optional.of(Alert.Kind.INSTALLATION_RESTORED);
            case ActivityEvent.GuessesLifted _ -> Optional.of(Alert.Kind.UNLOCKED_ON_SERVER);
            case ActivityEvent.PasswordChanged(boolean first)
            when !first -> Optional.of(Alert.Kind.PASSWORD_SET_ON_SERVER);
            default -> Optional.empty();
        };
    }

    private static Alert.Kind kindOf(NewAdministrators.Made made) {
        return switch (made) {
            case NewAdministrators.Made.Person _ -> Alert.Kind.ADMINISTRATOR_MADE_ON_SERVER;
            case NewAdministrators.Made.Members _ -> Alert.Kind.ADMINISTRATOR_GROUP_ON_SERVER;
        };
    }

    private List<String> arguments(ActivityEvent event, Optional<AccountId> about, Actor actor) {
        if (event instanceof ActivityEvent.InstallationRestored restored) {
            return List.of(
                    actor.name(),
                    restored.backupAt().truncatedTo(ChronoUnit.MINUTES).toString());
        }
        return event instanceof ActivityEvent.PolicyChanged(String before, String after, boolean _)
                ? List.of(actor.name(), before, after)
                : List.of(
                        actor.name(),
                        about.flatMap(accounts::find).map(Account::username).orElse(""));
    }
}
