package dev.countersign.activity;

import dev.countersign.kernel.FactorKind;
import java.time.Instant;
import java.util.List;

/**
 * What can happen and is worth knowing later. Sealed, so that the compiler lists every place that must handle a new event.
 * No event holds a secret or a name someone typed without being that person.
 */
public sealed interface ActivityEvent {
    record SignInCompleted(List<FactorKind> ways, String session, String place, Decided why) implements ActivityEvent {
        public SignInCompleted(List<FactorKind> ways, String session, String place) {
            this(ways, session, place, new Decided("", "", "", false, ""));
        }
    }

    /**
     * Why that was asked for which was asked for.
     *
     * @param rule the rule that decided, as its constant is called
     * @param argument what the rule names: the group, or the end of an exemption
     * @param style how the steps were spread over pages
     * @param knownBrowser whether the browser had signed in before
     * @param rememberedUntil until when it is known from now on; empty when there is no browser
     */
    record Decided(String rule, String argument, String style, boolean knownBrowser, String rememberedUntil) {}

    /** @param explanation what is known of a wrong code, as {@code fast 250}, {@code slow 60}, {@code used} or {@code older} */
    record SignInRefused(Refusal refusal, FactorKind factor, String explanation) implements ActivityEvent {
        public SignInRefused(Refusal refusal, FactorKind factor) {
            this(refusal, factor, "");
        }
    }

    /** A code did not confirm the app that someone was setting up. */
    record NewAppCodeRefused(String explanation) implements ActivityEvent {}

    /** Refused before an answer was looked at. */
    record SignInThrottled(FactorKind factor, long waitSeconds) implements ActivityEvent {}

    record GuessesExhausted(FactorKind factor, String limit) implements ActivityEvent {}

    /** A phone was paired that approves sign-ins. */
    record PhonePaired(String phone) implements ActivityEvent {}

    record PhoneRemoved(String phone) implements ActivityEvent {}

    /** An administrator has a mail sent with a link that pairs a phone. */
    record PhoneInvited() implements ActivityEvent {}

    /** The link of that mail was used: it begins a sign-in that ends with pairing. */
    record PhoneInvitationUsed() implements ActivityEvent {}

    /** @param request names the case: all that follows from one request names it */
    record ApprovalRequested(String request, String confirmation) implements ActivityEvent {}

    /** Nothing was sent to the phones: too many requests were open, or not answered. */
    record ApprovalHeldBack(long pauseSeconds) implements ActivityEvent {}

    record ApprovalGiven(String request, String phone) implements ActivityEvent {}

    record ApprovalRefused(String request, String phone) implements ActivityEvent {}

    /** Wrong digits were typed on the phone. */
    record ApprovalDigitsWrong(String request, String phone, long left) implements ActivityEvent {}

    /** A phone decided once more what was decided. */
    record ApprovalReplayed(String request, String phone) implements ActivityEvent {}

    /** The owner says on the phone that somebody else signed in. */
    record ApprovalReported(String request, String phone, String address) implements ActivityEvent {}

    /** The password opens nothing until it is changed. */
    record PasswordBlocked(String request) implements ActivityEvent {}

    /** The address a reported sign-in came from has to wait between its sign-ins from now on. */
    record AddressSlowed(String request, String address) implements ActivityEvent {}

    /** Administrators were told of a reported sign-in, each with an alert, and by mail where mail is sent. */
    record AdministratorsTold(String request, long administrators) implements ActivityEvent {}

    /** After a report the owner chose a new password, which the key of this phone authorised. */
    record NewPasswordByPhone(String request, String phone) implements ActivityEvent {}

    /**
     * Whether a phone is asked beyond the rules was left to the lot of this person and day.
     *
     * @param share of a hundred days on which it is asked
     */
    record ApprovalDrawn(boolean asked, long share) implements ActivityEvent {}

    /** @param protectsLess whether somebody is asked less than before */
    record ApprovalRulesChanged(String before, String after, boolean protectsLess) implements ActivityEvent {}

    record AppEnrolled() implements ActivityEvent {}

    record AppReplaced() implements ActivityEvent {}

    record AppRemoved() implements ActivityEvent {}

    record RecoveryCodeIssued() implements ActivityEvent {}

    record RecoveryCodeConfirmed() implements ActivityEvent {}

    record RecoveryCodeUsed() implements ActivityEvent {}

    record TwoFactorReset(String by) implements ActivityEvent {}

    /** @param first whether the account had none before */
    record PasswordChanged(boolean first) implements ActivityEvent {}

    /** Everything the person signed in with is dead, and a code to read out was issued. */
    record PhoneReplaced(String by, Instant expiresAt) implements ActivityEvent {}

    record ReplacementCodeUsed() implements ActivityEvent {}

    record SessionEnded(EndReason how, String session) implements ActivityEvent {}

    record KnownBrowserRemembered() implements ActivityEvent {}

    record AccountCreated(String username, String role) implements ActivityEvent {}

    /** Brought from another system, with what the file held. */
    record AccountImported(String username, String role, List<String> groups, boolean password, boolean app)
            implements ActivityEvent {}

    record PeopleImported(String file, long created, long changed, long unchanged, long refused)
            implements ActivityEvent {}

    record PeopleExported(String what, long rows) implements ActivityEvent {}

    record AccountDisabled() implements ActivityEvent {}

    record AccountEnabled() implements ActivityEvent {}

    record AccountChanged(String before, String after) implements ActivityEvent {}

    record AccountDeleted(String username) implements ActivityEvent {}

    record RoleChanged(String before, String after) implements ActivityEvent {}

    record GuessesLifted() implements ActivityEvent {}

    record LocaleChanged(String locale) implements ActivityEvent {}

    record GroupCreated(String group) implements ActivityEvent {}

    record GroupMemberAdded(String group) implements ActivityEvent {}

    record GroupMemberRemoved(String group) implements ActivityEvent {}

    record GroupRenamed(String before, String after) implements ActivityEvent {}

    record GroupDeleted(String group, long members) implements ActivityEvent {}

    record GroupNested(String parent, String group) implements ActivityEvent {}

    record GroupUnnested(String parent, String group) implements ActivityEvent {}

    record GroupRoleChanged(String group, String before, String after) implements ActivityEvent {}

    record PolicyChanged(String before, String after, boolean protectsLess) implements ActivityEvent {}

    record AutomaticStartChanged(String before, String after) implements ActivityEvent {
        /** In place of a start where there is none. */
        public static final String NONE = "none";
    }

    record AutomaticStartSet(String event, Instant startsAt) implements ActivityEvent {}

    record SessionLimitsChanged(String before, String after) implements ActivityEvent {}

    record StyleChanged(String before, String after) implements ActivityEvent {}

    record ExemptionGranted(String reason, Instant until) implements ActivityEvent {}

    record ExemptionEnded() implements ActivityEvent {}

    record EnvironmentCreated(String name) implements ActivityEvent {}

    /** A stored secret is not the one that was stored there: it was altered, moved, or put back from an older copy. */
    record IntegrityBroken(String table, String column, String row) implements ActivityEvent {}

    /** A key was added that seals nothing yet. */
    record KeyAdded(String key) implements ActivityEvent {}

    /** Secrets are sealed with this key from now on. */
    record KeyInUse(String key) implements ActivityEvent {}

    record KeyRetired(String key) implements ActivityEvent {}

    /** The clock of the server moved by this much beside the time that passed. */
    record ClockJumped(long seconds) implements ActivityEvent {}

    /** Everything the installation holds was written to a file. */
    record BackupMade(String backup) implements ActivityEvent {}

    /**
     * The installation is again what it was when the backup was made. What happened in between is lost; nothing that was used
     * until now works again.
     */
    record InstallationRestored(
            String backup, Instant backupAt, long sessions, long recoveryCodes, boolean apiKeysRevoked)
            implements ActivityEvent {}

    /** The installation was copied here from an embedded database. */
    record MovedToPostgresql(long rows) implements ActivityEvent {}

    record SetupLinkIssued(Instant expiresAt) implements ActivityEvent {}

    record ApiKeyCreated(String name, String prefix, String scopes, Instant expiresAt) implements ActivityEvent {}

    record ApiKeyRevoked(String name, String prefix) implements ActivityEvent {}

    /** A second factor an application asked for. */
    record ChallengeAnswered(FactorKind factor, String application) implements ActivityEvent {}

    record ChallengeRefused(Refusal refusal, FactorKind factor, String application) implements ActivityEvent {}

    record EntitlementChanged(String before, String after) implements ActivityEvent {}

    record MailServerChanged(String before, String after) implements ActivityEvent {}

    record AddressConfirmed() implements ActivityEvent {}

    /** The owner of an account says, by the link of a mail, that a change was somebody else's. */
    record NotMeReported() implements ActivityEvent {}

    record RetentionChanged(String before, String after) implements ActivityEvent {}

    /** Entries older than the retention allows are gone. */
    record EntriesRemoved(long count) implements ActivityEvent {}

    /**
     * A copy outside has more checkpoints than the log: an older database was restored, or the end was removed.
     *
     * @param here the number of the last checkpoint here; {@code outside} in the copy
     */
    record LogWentBack(long here, long outside) implements ActivityEvent {}

    /** @param action what is done to them, by its stable name */
    record BulkStarted(String action, long people) implements ActivityEvent {}

    record BulkFinished(String action, long done, long notDone) implements ActivityEvent {}

    /** Why an answer or a sign-in was refused. */
    enum Refusal {
        WRONG_PASSWORD,
        WRONG_CODE,
        REPLAYED_CODE,
        EXPIRED,
        DISABLED
    }

    /** Why a session ended before its time. */
    enum EndReason {
        SIGNED_OUT,
        ENDED_BY_OWNER,
        PASSWORD_CHANGED,
        RESET,
        DISABLED,
        DELETED,
        ENDED_BY_ADMINISTRATOR,
        POLICY,
        REPLACED,
        REPORTED
    }

    /** The stable name of the event in log, REST and message keys: {@code sign-in-completed}. */
    default String kind() {
        return kindOf(getClass());
    }

    /** The {@link #kind()} of an event class. */
    static String kindOf(Class<? extends ActivityEvent> event) {
        StringBuilder kind = new StringBuilder();
        for (char c : event.getSimpleName().toCharArray()) {
            kind.append(Character.isUpperCase(c) && !kind.isEmpty() ? "-" : "").append(Character.toLowerCase(c));
        }
        return kind.toString();
    }
}
