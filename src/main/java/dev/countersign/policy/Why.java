package dev.countersign.policy;

import java.util.Locale;
import java.util.Optional;

/**
 * The one rule that decided, in a form every language can say: the text is {@link #messageKey()} with {@link #argument()}.
 */
public record Why(Rule rule, Optional<String> argument) {
    /** The rules, each a sentence in {@code messages/}. */
    public enum Rule {
        OFF,
        OPTIONAL_NOT_SET_UP,
        OPTIONAL_SET_UP,
        REQUIRED_EVERYONE,
        REQUIRED_GROUP,
        REQUIRED_PERSON,
        CONSOLE,
        EXEMPT,
        NOT_COVERED,
        RECOVERED,
        PHONE_REPLACED,
        NO_RECOVERY_CODE,
        PASSWORD_FIRST,
        PASSWORD_GUESSED,
        PASSWORD_REQUIRED,
        REQUESTED,
        APPROVAL_ALWAYS,
        APPROVAL_DRAWN,
        APPROVAL_INTERVAL,
        APPROVAL_NEW_BROWSER,
        APPROVAL_NEW_NETWORK,
        APPROVAL_AFTER_FAILURES,
        APPROVAL_ADMINISTRATOR,
        DISABLED
    }

    public static Why of(Rule rule) {
        return new Why(rule, Optional.empty());
    }

    public static Why of(Rule rule, String argument) {
        return new Why(rule, Optional.of(argument));
    }

    public String messageKey() {
        return "policy.why." + rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
