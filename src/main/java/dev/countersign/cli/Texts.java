package dev.countersign.cli;

import dev.countersign.policy.Why;
import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/** The sentences of the pages, in English, for the terminal. */
final class Texts {
    private static final ResourceBundle ENGLISH = ResourceBundle.getBundle(
            "messages/messages",
            Locale.ROOT,
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));

    private Texts() {}

    static String of(String key, Object... arguments) {
        return new MessageFormat(ENGLISH.getString(key), Locale.ROOT).format(arguments);
    }

    static String of(Why why) {
        return new MessageFormat(ENGLISH.getString(why.messageKey()), Locale.ROOT)
                .format(why.argument().stream().toArray());
    }
}
