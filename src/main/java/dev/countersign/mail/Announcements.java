package dev.countersign.mail;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityListener;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
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
    private static final News NEW_ADMINISTRATOR = new News.Alert(Mail.Alert.ADMINISTRATOR_MADE_ON_THE_SERVER, "");

    private final MailQueue queue;
    private final MailLinks links;
    private final AdministratorAlerts alerts;
    private final Accounts accounts;

    Announcements(MailQueue queue, MailLinks links, AdministratorAlerts alerts, Accounts accounts) {
        this.queue = queue;
        this.links = links;
        this.alerts = alerts;
        this.accounts = accounts;
    }

    @Override
    public void recorded(
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
        boolean onTheServer = origin.door().equals("cli");
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
                        : List.of(new News.Alert(Mail.Alert.APPROVAL_CHANGED, before + " → " + after));
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
            case ActivityEvent.AccountCreated(String _, String role)
            when onTheServer && isAdministrator(role) -> List.of(NEW_ADMINISTRATOR);
            case ActivityEvent.RoleChanged(String _, String role)
            when onTheServer && isAdministrator(role) -> List.of(NEW_ADMINISTRATOR);
            case ActivityEvent.NotMeReported _ -> List.of(new News.Alert(Mail.Alert.NOT_ME, ""));
            case ActivityEvent.PolicyChanged(String before, String after, boolean _) ->
                before.equals(after)
                        ? List.of()
                        : List.of(new News.Alert(Mail.Alert.POLICY_CHANGED, before + " → " + after));
            case ActivityEvent.ExemptionGranted(String reason, Instant until) ->
                List.of(new News.Alert(Mail.Alert.ADMINISTRATOR_EXEMPT, reason + " → " + until));
            default -> List.of();
        };
    }

    private static boolean isAdministrator(String role) {
        return role.equalsIgnoreCase(Role.ADMINISTRATOR.wireName());
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
                account.ifPresent(
                        owner -> queue.send(owner, new Mail.PasswordChanged(how, notMe(owner, how, now)), now));
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

    private SecretText notMe(Account owner, Mail.Circumstances how, Instant now) {
        return links.issue(owner, MailLinks.Purpose.NOT_ME, how, now);
    }
}
