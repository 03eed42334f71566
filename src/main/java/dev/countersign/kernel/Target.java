package dev.countersign.kernel;

import java.util.Optional;

/**
 * What a sign-in is for: where the person is going, and whether they asked to register something on the way.
 *
 * @param place how much has to be shown there
 * @param path where the browser goes afterwards: an absolute path on this host, checked by {@link #isLocalPath}
 * @param wish what the person asked for, if that is why they are signing in; it needs fresh proofs
 */
public record Target(Place place, String path, Optional<Wish> wish) {
    public static final Target ACCOUNT = new Target(Place.ACCOUNT, "/account", Optional.empty());
    public static final Target CONSOLE = new Target(Place.CONSOLE, "/console", Optional.empty());

    /** Where someone may be going. */
    public enum Place {
        /** The person's own pages, or an application that asked over REST. */
        ACCOUNT,
        /** The console: always needs a second factor, whatever the policy. */
        CONSOLE
    }

    /** What a person may ask for on the way. */
    public enum Wish {
        /** Register an authenticator app, replacing the one there is. */
        SET_UP_APP,
        /** Pair a phone, beside those there are. */
        PAIR_PHONE,
        /** A new recovery code in place of the old one. */
        NEW_RECOVERY_CODE,
        /** A new password. */
        CHANGE_PASSWORD,
        /** Nothing but to show once more who they are, for what they do next. */
        CONFIRM
    }

    public Target {
        if (!isLocalPath(path)) {
            throw new IllegalArgumentException("a target must be a path on this host");
        }
    }

    /** The target of {@code path} on this host, or {@link #ACCOUNT} when it is absent or points elsewhere. */
    public static Target ofPath(Optional<String> path) {
        return path.filter(Target::isLocalPath)
                .map(local -> new Target(isConsole(local) ? Place.CONSOLE : Place.ACCOUNT, local, Optional.empty()))
                .orElse(ACCOUNT);
    }

    /** The same place, on the way to which the person wants {@code wished}. */
    public Target wishing(Wish wished) {
        return new Target(place, path, Optional.of(wished));
    }

    /**
     * Whether {@code path} can only lead to this host: it starts with one slash, and holds nothing a browser could read
     * as another authority or as a header (backslashes, control characters, a second leading slash).
     */
    public static boolean isLocalPath(String path) {
        if (path.length() > 512 || !path.startsWith("/") || path.startsWith("//")) {
            return false;
        }
        return path.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\')
                && !path.toLowerCase(java.util.Locale.ROOT).startsWith("/%2f")
                && !path.toLowerCase(java.util.Locale.ROOT).startsWith("/%5c");
    }

    private static boolean isConsole(String path) {
        return path.equals("/console") || path.startsWith("/console/") || path.startsWith("/console?");
    }
}
