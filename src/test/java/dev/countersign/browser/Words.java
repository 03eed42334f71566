package dev.countersign.browser;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;

/** What the pages say, so that tests follow a better wording and still fail when a page says something else. */
final class Words {
    private Words() {}

    static String of(String key, Object... arguments) {
        return in(Locale.ENGLISH, key, arguments);
    }

    static String in(Locale locale, String key, Object... arguments) {
        ResourceBundle.Control exact =
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);
        String pattern =
                ResourceBundle.getBundle("messages.messages", locale, exact).getString(key);
        return new MessageFormat(pattern, locale).format(arguments);
    }
}
