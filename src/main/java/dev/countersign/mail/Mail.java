package dev.countersign.mail;

import dev.countersign.kernel.Origin;
import dev.countersign.vault.SecretText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The mails there are. A link in one is a secret until it is used. */
public sealed interface Mail {
    /** An administrator tries the settings. */
    record TestMail(String askedBy) implements Mail {}

    /** The owner shows that the address is theirs. */
    record ConfirmAddress(SecretText link) implements Mail {}

    /** An administrator asks someone to set up two-step sign-in. */
    record Invitation() implements Mail {}

    /** An administrator asks someone to pair a phone that approves. */
    record CompanionInvitation(SecretText link) implements Mail {}

    /** Two-step sign-in, again. */
    record Reminder() implements Mail {}

    /** Two-step sign-in will be asked for from this day. */
    record RequirementStarts(Instant from) implements Mail {}

    record FactorChanged(Change change, Circumstances how, SecretText link) implements Mail {}

    /** @param keys names of the owner's keys for programs, which go on working; a mail of an older version names none */
    record PasswordChanged(Circumstances how, SecretText link, List<String> keys) implements Mail {
        public PasswordChanged {
            keys = Optional.<List<String>>ofNullable(keys).map(List::copyOf).orElse(List.of());
        }
    }

    /** The owner has said on a phone that somebody else signed in with their password. */
    record SignInReported(Circumstances how) implements Mail {}

    record ForgottenPassword(Circumstances how, SecretText link) implements Mail {}

    /**
     * To administrators.
     *
     * @param detail what changed, or until when
     * @param by the actor as the log shows it
     */
    record AdministratorAlert(Alert alert, String person, String detail, String by, Circumstances how)
            implements Mail {}

    /** What happened to the way someone signs in. */
    enum Change {
        APP_SET_UP,
        APP_REPLACED,
        APP_REMOVED,
        PHONE_ADDED,
        PHONE_REMOVED,
        RESET,
        RECOVERY_CODE_NEW,
        RECOVERY_CODE_USED
    }

    /** What administrators are told. */
    enum Alert {
        POLICY_CHANGED,
        APPROVAL_CHANGED,
        SIGN_IN_REPORTED,
        RESET_ON_THE_SERVER,
        UNLOCKED_ON_THE_SERVER,
        PASSWORD_SET_ON_THE_SERVER,
        ADMINISTRATOR_MADE_ON_THE_SERVER,
        ADMINISTRATOR_GROUP_ON_THE_SERVER,
        ADMINISTRATOR_EXEMPT,
        NOT_ME
    }

    /** When and from where something was done. */
    record Circumstances(Instant at, String address, String browser) {
        static Circumstances of(Origin origin, Instant now) {
            return new Circumstances(now, origin.address(), origin.browser());
        }
    }

    /** The stable name of the kind in queue and console: {@code factor-changed}. */
    default String kind() {
        return kindOf(getClass());
    }

    private static String kindOf(Class<?> mail) {
        return mail.getSimpleName().replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** The class of mails of this {@link #kind()}. */
    static Class<? extends Mail> ofKind(String kind) {
        for (Class<?> mail : Mail.class.getPermittedSubclasses()) {
            if (kindOf(mail).equals(kind)) {
                return mail.asSubclass(Mail.class);
            }
        }
        throw new IllegalArgumentException("no mail is called " + kind);
    }
}
