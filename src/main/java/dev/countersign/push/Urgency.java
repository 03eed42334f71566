package dev.countersign.push;

import java.util.Locale;

/** How much battery a message is worth, RFC 8030 section 5.3. */
public enum Urgency {
    VERY_LOW,
    LOW,
    NORMAL,
    HIGH;

    String header() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
