package dev.countersign.signal;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityEvent.AccountChanged;
import dev.countersign.activity.ActivityEvent.AccountCreated;
import dev.countersign.activity.ActivityEvent.AccountDeleted;
import dev.countersign.activity.ActivityEvent.AccountDisabled;
import dev.countersign.activity.ActivityEvent.AccountEnabled;
import dev.countersign.activity.ActivityEvent.AccountImported;
import dev.countersign.activity.ActivityEvent.AddressConfirmed;
import dev.countersign.activity.ActivityEvent.AddressSlowed;
import dev.countersign.activity.ActivityEvent.AdministratorsTold;
import dev.countersign.activity.ActivityEvent.ApiKeyCreated;
import dev.countersign.activity.ActivityEvent.ApiKeyRevoked;
import dev.countersign.activity.ActivityEvent.AppEnrolled;
import dev.countersign.activity.ActivityEvent.AppRemoved;
import dev.countersign.activity.ActivityEvent.AppReplaced;
import dev.countersign.activity.ActivityEvent.ApprovalDigitsWrong;
import dev.countersign.activity.ActivityEvent.ApprovalDrawn;
import dev.countersign.activity.ActivityEvent.ApprovalGiven;
import dev.countersign.activity.ActivityEvent.ApprovalHeldBack;
import dev.countersign.activity.ActivityEvent.ApprovalRefused;
import dev.countersign.activity.ActivityEvent.ApprovalReplayed;
import dev.countersign.activity.ActivityEvent.ApprovalReported;
import dev.countersign.activity.ActivityEvent.ApprovalRequested;
import dev.countersign.activity.ActivityEvent.ApprovalRulesChanged;
import dev.countersign.activity.ActivityEvent.AutomaticStartChanged;
import dev.countersign.activity.ActivityEvent.AutomaticStartSet;
import dev.countersign.activity.ActivityEvent.BackupMade;
import dev.countersign.activity.ActivityEvent.BulkFinished;
import dev.countersign.activity.ActivityEvent.BulkStarted;
import dev.countersign.activity.ActivityEvent.ChallengeAnswered;
import dev.countersign.activity.ActivityEvent.ChallengeRefused;
import dev.countersign.activity.ActivityEvent.ClockJumped;
import dev.countersign.activity.ActivityEvent.EntitlementChanged;
import dev.countersign.activity.ActivityEvent.EntriesRemoved;
import dev.countersign.activity.ActivityEvent.EnvironmentCreated;
import dev.countersign.activity.ActivityEvent.ExemptionEnded;
import dev.countersign.activity.ActivityEvent.ExemptionGranted;
import dev.countersign.activity.ActivityEvent.GroupCreated;
import dev.countersign.activity.ActivityEvent.GroupDeleted;
import dev.countersign.activity.ActivityEvent.GroupMemberAdded;
import dev.countersign.activity.ActivityEvent.GroupMemberRemoved;
import dev.countersign.activity.ActivityEvent.GroupNested;
import dev.countersign.activity.ActivityEvent.GroupRenamed;
import dev.countersign.activity.ActivityEvent.GroupRoleChanged;
import dev.countersign.activity.ActivityEvent.GroupUnnested;
import dev.countersign.activity.ActivityEvent.GuessesExhausted;
import dev.countersign.activity.ActivityEvent.GuessesLifted;
import dev.countersign.activity.ActivityEvent.InstallationRestored;
import dev.countersign.activity.ActivityEvent.IntegrityBroken;
import dev.countersign.activity.ActivityEvent.KeyAdded;
import dev.countersign.activity.ActivityEvent.KeyInUse;
import dev.countersign.activity.ActivityEvent.KeyRetired;
import dev.countersign.activity.ActivityEvent.KnownBrowserRemembered;
import dev.countersign.activity.ActivityEvent.LocaleChanged;
import dev.countersign.activity.ActivityEvent.LogWentBack;
import dev.countersign.activity.ActivityEvent.MailServerChanged;
import dev.countersign.activity.ActivityEvent.MovedToPostgresql;
import dev.countersign.activity.ActivityEvent.NewAppCodeRefused;
import dev.countersign.activity.ActivityEvent.NewPasswordByPhone;
import dev.countersign.activity.ActivityEvent.NotMeReported;
import dev.countersign.activity.ActivityEvent.PasswordBlocked;
import dev.countersign.activity.ActivityEvent.PasswordChanged;
import dev.countersign.activity.ActivityEvent.PeopleExported;
import dev.countersign.activity.ActivityEvent.PeopleImported;
import dev.countersign.activity.ActivityEvent.PhoneInvitationUsed;
import dev.countersign.activity.ActivityEvent.PhoneInvited;
import dev.countersign.activity.ActivityEvent.PhonePaired;
import dev.countersign.activity.ActivityEvent.PhoneRemoved;
import dev.countersign.activity.ActivityEvent.PhoneReplaced;
import dev.countersign.activity.ActivityEvent.PolicyChanged;
import dev.countersign.activity.ActivityEvent.RecoveryCodeConfirmed;
import dev.countersign.activity.ActivityEvent.RecoveryCodeIssued;
import dev.countersign.activity.ActivityEvent.RecoveryCodeUsed;
import dev.countersign.activity.ActivityEvent.ReplacementCodeUsed;
import dev.countersign.activity.ActivityEvent.RetentionChanged;
import dev.countersign.activity.ActivityEvent.RoleChanged;
import dev.countersign.activity.ActivityEvent.SessionEnded;
import dev.countersign.activity.ActivityEvent.SessionLimitsChanged;
import dev.countersign.activity.ActivityEvent.SetupLinkIssued;
import dev.countersign.activity.ActivityEvent.SignInCompleted;
import dev.countersign.activity.ActivityEvent.SignInRefused;
import dev.countersign.activity.ActivityEvent.SignInThrottled;
import dev.countersign.activity.ActivityEvent.StyleChanged;
import dev.countersign.activity.ActivityEvent.TwoFactorReset;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SessionId;
import java.util.Optional;

/**
 * What has to be forgotten after an event. Each event has an answer here, or the program does not compile: a change that caches
 * do not hear of would keep doors open that somebody has closed.
 */
final class Effects {
    private Effects() {}

    private enum Reach {
        NOTHING,
        ACCOUNT,
        ENVIRONMENT,
        EVERYTHING
    }

    /** What the event changes of what a cache may hold; nothing for most. */
    static Optional<Signal> of(EnvironmentId environment, Optional<AccountId> about, ActivityEvent event) {
        if (event instanceof SessionEnded ended && about.isPresent()) {
            return Optional.of(new Signal.OfSession(environment, about.get(), new SessionId(ended.session())));
        }
        return switch (reach(event)) {
            case NOTHING -> Optional.empty();
            case ACCOUNT ->
                Optional.of(about.<Signal>map(account -> new Signal.OfAccount(environment, account))
                        .orElseGet(() -> new Signal.OfEnvironment(environment)));
            case ENVIRONMENT -> Optional.of(new Signal.OfEnvironment(environment));
            case EVERYTHING -> Optional.of(new Signal.OfEverything());
        };
    }

    private static Reach reach(ActivityEvent event) {
        return switch (event) {
            // Sign-ins: they make sessions, and nobody keeps that there is none.
            case SignInCompleted _, SignInRefused _, SignInThrottled _, NewAppCodeRefused _, KnownBrowserRemembered _ ->
                Reach.NOTHING;
            case ApprovalRequested _, ApprovalHeldBack _, ApprovalGiven _, ApprovalRefused _, ApprovalDigitsWrong _ ->
                Reach.NOTHING;
            case ApprovalReplayed _, ApprovalDrawn _, AddressSlowed _, AdministratorsTold _ -> Reach.NOTHING;
            case ChallengeAnswered _, ChallengeRefused _, PhoneInvited _, PhoneInvitationUsed _, GuessesLifted _ ->
                Reach.NOTHING;
            // What one person has and may do.
            case GuessesExhausted _, PasswordBlocked _, PasswordChanged _, NewPasswordByPhone _, ApprovalReported _ ->
                Reach.ACCOUNT;
            case PhonePaired _, PhoneRemoved _, PhoneReplaced _, ReplacementCodeUsed _ -> Reach.ACCOUNT;
            case AppEnrolled _, AppReplaced _, AppRemoved _, TwoFactorReset _ -> Reach.ACCOUNT;
            case RecoveryCodeIssued _, RecoveryCodeConfirmed _, RecoveryCodeUsed _, SessionEnded _ -> Reach.ACCOUNT;
            case AccountDisabled _, AccountEnabled _, AccountChanged _, AccountDeleted _, RoleChanged _ ->
                Reach.ACCOUNT;
            case LocaleChanged _, AddressConfirmed _, NotMeReported _, ExemptionGranted _, ExemptionEnded _ ->
                Reach.ACCOUNT;
            case GroupMemberAdded _, GroupMemberRemoved _, ApiKeyRevoked _ -> Reach.ACCOUNT;
            // Who comes new has no sessions yet.
            case AccountCreated _, AccountImported _, GroupCreated _ -> Reach.NOTHING;
            // What holds for many.
            case GroupRenamed _, GroupDeleted _, GroupNested _, GroupUnnested _, GroupRoleChanged _ ->
                Reach.ENVIRONMENT;
            case PolicyChanged _, ApprovalRulesChanged _, AutomaticStartChanged _, AutomaticStartSet _ ->
                Reach.ENVIRONMENT;
            case SessionLimitsChanged _, StyleChanged _, EntitlementChanged _, PeopleImported _, BulkFinished _ ->
                Reach.ENVIRONMENT;
            case EnvironmentCreated _, InstallationRestored _ -> Reach.EVERYTHING;
            // What no cache holds.
            case PeopleExported _, ClockJumped _, SetupLinkIssued _, ApiKeyCreated _ -> Reach.NOTHING;
            case LogWentBack _ -> Reach.NOTHING;
            case MailServerChanged _, RetentionChanged _, EntriesRemoved _, BulkStarted _ -> Reach.NOTHING;
            case IntegrityBroken _, KeyAdded _, KeyInUse _, KeyRetired _ -> Reach.NOTHING;
            case BackupMade _, MovedToPostgresql _ -> Reach.NOTHING;
        };
    }
}
