package dev.countersign.factor.companion;

import java.util.Locale;

/** What the person does on the phone to approve, weakest last. */
public enum Confirmation {
    /** Types the six digits the browser shows. */
    CODE(6),
    /** Types the two digits the browser shows. */
    NUMBER(2),
    /** Presses OK. Weaker: someone who is pestered presses it, too. */
    TAP(0);

    private final int digits;

    Confirmation(int digits) {
        this.digits = digits;
    }

    /** How many digits the browser shows. */
    public int digits() {
        return digits;
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
