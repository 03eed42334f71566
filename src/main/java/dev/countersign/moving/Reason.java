package dev.countersign.moving;

import java.text.MessageFormat;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.stream.Collectors;

/**
 * Why a line of a file is not taken, in a form every language can say. Programs read the code, which stays the same.
 *
 * @param arguments what stands in its sentence; short, without control characters
 */
public record Reason(Code code, List<String> arguments) {
    private static final ResourceBundle ENGLISH = ResourceBundle.getBundle(
            "messages/messages",
            Locale.ROOT,
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));

    /** What can be wrong; each is a sentence in {@code messages/}. */
    public enum Code {
        USERNAME_MISSING,
        USERNAME_TOO_LONG,
        USERNAME_INVISIBLE,
        USERNAME_CHARACTERS,
        USERNAME_MIXED,
        USERNAME_TAKEN_LOOK,
        USERNAME_TWICE,
        EMAIL_WRONG,
        EMAIL_MISSING,
        NAME_WRONG,
        LANGUAGE_WRONG,
        GROUP_DEPTH,
        GROUP_NAME,
        GROUP_CIRCLE,
        GROUP_GIVES_ROLE,
        GROUP_GIVES_MORE,
        GROUP_ONE_THING,
        ACCOUNT_UNKNOWN,
        ROLE_NOT_FROM_FILE,
        ROLE_UNKNOWN,
        MORE_RIGHTS_THAN_YOU,
        NOBODY_LEFT,
        NOT_DONE,
        PASSWORD_TOO_MUCH_WORK,
        PASSWORD_UNKNOWN,
        PASSWORD_ALGORITHM,
        APP_WRONG,
        APP_OF_ANOTHER,
        APP_COUNTER,
        APP_SETTINGS,
        CREDENTIAL_UNREADABLE,
        LINE_TOO_LONG,
        LINE_NOT_UTF_8,
        LINE_NOT_JSON,
        LINE_BROKEN_JSON,
        FIELD_UNKNOWN,
        FIELD_NOT_TEXT,
        FIELD_NOT_FLAG,
        FIELD_NOT_NAMES,
        ROW_TOO_LONG,
        ROW_TOO_MANY_CELLS,
        USER_FIELD_TWICE,
        USER_TEXT_TOO_LONG,
        USER_LIST_TOO_LONG,
        SERVICE_ACCOUNT,
        FILE_BROKEN,
        GROUP_UNUSABLE,
        NOT_A_PERSON,
        OTHER
    }

    public Reason {
        arguments = arguments.stream().map(Refusals::oneLine).toList();
    }

    static Reason of(Code code, Object... arguments) {
        return new Reason(code, List.of(arguments).stream().map(String::valueOf).toList());
    }

    /** As it was written down; what an older release wrote is a sentence without a code. */
    static Reason read(String code, String arguments, String sentence) {
        for (Code known : Code.values()) {
            if (wireName(known).equals(code)) {
                return new Reason(known, arguments.lines().toList());
            }
        }
        return of(Code.OTHER, sentence);
    }

    /** One a line; none of them has an end of line in it. */
    String argumentsWritten() {
        return arguments.stream().map(argument -> argument + "\n").collect(Collectors.joining());
    }

    private static String wireName(Code code) {
        return code.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Stable in every release and language: {@code username-missing}. */
    public String wireName() {
        return wireName(code);
    }

    public String messageKey() {
        return "console.import-why." + wireName();
    }

    /** The sentence for the command line and for programs. */
    public String english() {
        return new MessageFormat(ENGLISH.getString(messageKey()), Locale.ROOT).format(arguments.toArray());
    }
}
