package dev.countersign.kernel;

import java.util.Locale;

/** A way to prove who one is. */
public enum FactorKind {
    /** Something the person knows. */
    PASSWORD,
    /** A code from an authenticator app, RFC 6238. */
    TOTP,
    /** Approval in the companion on a paired phone, signed by the phone's key. */
    PUSH,
    /** The recovery code, used once in place of the app. */
    RECOVERY,
    /** The code the help desk reads out while a phone is replaced: it lets a new app be registered, once. */
    REPLACEMENT;

    /** The name used in REST, in the database and in configuration. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind with this {@link #wireName()}. */
    public static FactorKind ofWireName(String name) {
        for (FactorKind kind : values()) {
            if (kind.wireName().equals(name)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no factor is called '" + name + "'");
    }
}
