package dev.countersign.mail;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityListener;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAdministrators;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.vault.SecretText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Which events are told by mail: to their owner, or to the administrators. Told at whatever door they happened, in the
 * transaction in which they happened. Thread-safe.
 */
@Component
final class Announcements implements ActivityListener {
    private static final String COMMAND_LINE = "cli";

    private final MailQueue queue;
    private final MailLinks links;
    private final AdministratorAlerts alerts;
    private final Accounts accounts;
    private final NewAdministrators administrators;
    private final ApiKeys apiKeys;

    Announcements(
            MailQueue queue,
            MailLinks links,
            AdministratorAlerts alerts,
            Accounts accounts,
            NewAdministrators administrators,
            ApiKeys apiKeys) {
        this.queue = queue;
        this.links = links;
        this.alerts = alerts;
        this.accounts = accounts;
        this.administrators = administrators;
        this.apiKeys = apiKeys;
    }

    @Override
    public void recorded(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        if (origin.door().equals(COMMAND_LINE)) {
            tellOfAdministrators(environment, entries, actor, origin, now);
        }
        entries.forEach(entry -> tell(environment, entry.about(), actor, origin, entry.event(), now));
    }

    private void tellOfAdministrators(
            EnvironmentId environment, List<ActivityLog.Entry> entries, Actor actor, Origin origin, Instant now) {
        NewAdministrators.Question question = administrators.in(environment);
        Mail.Circumstances how = Mail.Circumstances.of(origin, now);
        entries.stream()
                .flatMap(entry -> question.of(entry.about(), entry.event()).stream())
                .forEach(made -> alerts.announce(
                        environment,
                        new Mail.AdministratorAlert(alertOf(made), made.name(), "", actor.name(), how),
                        now));
    }

    private static Mail.Alert alertOf(NewAdministrators.Made made) {
        return switch (made) {
            case NewAdministrators.Made.Person _ -> Mail.Alert.ADMINISTRATOR_MADE_ON_THE_SERVER;
            case NewAdministrators.Made.Members _ -> Mail.Alert.ADMINISTRATOR_GROUP_ON_THE_SERVER;
        };
    }

    private void tell(
            EnvironmentId environment,
            Optional<AccountId> about,
            Actor actor,
            Origin origin,
            ActivityEvent event,
            Instant now) {
        List<News> news = newsOf(event, origin);
        if (!news.isEmpty() && queue.isOn(environment)) {
            Optional<Account> account = about.flatMap(accounts::find);
            Mail.Circumstances how = Mail.Circumstances.of(origin, now);
            news.forEach(one -> tell(one, environment, account, actor, how, now));
        }
    }

    /** Who is told what. Most events are told to nobody: they are in the log. */
    private static List<News> newsOf(ActivityEvent event, Origin origin) {
        boolean onTheServer = origin.door().equals(COMMAND_LINE);
        return switch (event) {
            case ActivityEvent.AppEnrolled _ -> List.of(new News.Factor(Mail.Change.APP_SET_UP));
            case ActivityEvent.AppReplaced _ -> List.of(new News.Factor(Mail.Change.APP_REPLACED));
            case ActivityEvent.AppRemoved _ -> List.of(new News.Factor(Mail.Change.APP_REMOVED));
            case ActivityEvent.PhonePaired _ -> List.of(new News.Factor(Mail.Change.PHONE_ADDED));
            case ActivityEvent.PhoneRemoved _ -> List.of(new News.Factor(Mail.Change.PHONE_REMOVED));
            case ActivityEvent.ApprovalReported(String _, String _, String address) ->
                List.of(new News.Reported(address), new News.Alert(Mail.Alert.SIGN_IN_REPORTED, address));
            case ActivityEvent.ApprovalRulesChanged(String before, String after, boolean _) ->
                before.equals(after)
                        ? List.of()
                        : List.of(new News.Alert(Mail.Alert.APPROVAL_CHANGED, before + Letters.ARROW + after));
            case ActivityEvent.RecoveryCodeConfirmed _ -> List.of(new News.Factor(Mail.Change.RECOVERY_CODE_NEW));
            case ActivityEvent.RecoveryCodeUsed _ -> List.of(new News.Factor(Mail.Change.RECOVERY_CODE_USED));
            case ActivityEvent.TwoFactorReset _, ActivityEvent.PhoneReplaced _ ->
                onTheServer
                        ? List.of(
                                new News.Factor(Mail.Change.RESET), new News.Alert(Mail.Alert.RESET_ON_THE_SERVER, ""))
                        : List.of(new News.Factor(Mail.Change.RESET));
            case ActivityEvent.PasswordChanged(boolean first) when first -> List.of();
            case ActivityEvent.PasswordChanged _ ->
                onTheServer
                        ? List.of(new News.Password(), new News.Alert(Mail.Alert.PASSWORD_SET_ON_THE_SERVER, ""))
                        : List.of(new News.Password());
            case ActivityEvent.GuessesLifted _
            when onTheServer -> List.of(new News.Alert(Mail.Alert.UNLOCKED_ON_THE_SERVER, ""));
            case ActivityEvent.NotMeReported _ -> List.of(new News.Alert(Mail.Alert.NOT_ME, ""));
            case ActivityEvent.PolicyChanged(String before, String after, boolean _) ->
                before.equals(after)
                        ? List.of()
                        : List.of(new News.Alert(Mail.Alert.POLICY_CHANGED, before + Letters.ARROW + after));
            case ActivityEvent.ExemptionGranted(String reason, Instant until) ->
                List.of(new News.Alert(Mail.Alert.ADMINISTRATOR_EXEMPT, reason + Letters.ARROW + until));
            default -> List.of();
        };
    }

    /** Something to tell, and whom. */
    private sealed interface News {
        /** To the owner of the account. */
        record Factor(Mail.Change change) implements News {}

        /** To the owner of the account. */
        record Password() implements News {}

        /**
         * To the owner of the account.
         *
         * @param address where the sign-in came from
         */
        record Reported(String address) implements News {}

        /** To the administrators. */
        record Alert(Mail.Alert alert, String detail) implements News {}
    }

    private void tell(
            News news,
            EnvironmentId environment,
            Optional<Account> account,
            Actor actor,
            Mail.Circumstances how,
            Instant now) {
        switch (news) {
            case News.Factor(Mail.Change change) ->
                account.ifPresent(
                        owner -> queue.send(owner, new Mail.FactorChanged(change, how, notMe(owner, how, now)), now));
            case News.Password() ->
                account.ifPresent(owner -> queue.send(
                        owner, new Mail.PasswordChanged(how, notMe(owner, how, now), keys(owner, now)), now));
            case News.Reported(String address) ->
                account.ifPresent(owner ->
                        queue.send(owner, new Mail.SignInReported(new Mail.Circumstances(now, address, "")), now));
            case News.Alert(Mail.Alert alert, String detail) -> {
                boolean matters = alert != Mail.Alert.ADMINISTRATOR_EXEMPT
                        || account.filter(exempt -> accounts.rights(exempt).openConsole())
                                .isPresent();
                if (matters) {
                    alerts.announce(
                            environment,
                            new Mail.AdministratorAlert(
                                    alert, account.map(Account::username).orElse(""), detail, actor.name(), how),
                            now);
                }
            }
        }
    }

    private List<String> keys(Account owner, Instant now) {
        return apiKeys.liveOf(owner.id(), now).stream().map(ApiKey::name).toList();
    }

    private SecretText notMe(Account owner, Mail.Circumstances how, Instant now) {
        return links.issue(owner, MailLinks.Purpose.NOT_ME, how, now);
    }
}
