package dev.countersign.directory;

import dev.countersign.kernel.EnvironmentId;
import java.util.Optional;

/**
 * A customer of this installation: accounts, groups, policy and log belong to one.
 *
 * @param name its short name on the command line
 * @param host the host name that selects it; absent for {@code default}, which serves every other host
 * @param displayName what people read, and the issuer their app shows
 */
public record Environment(EnvironmentId id, String name, Optional<String> host, String displayName, SignInStyle style) {
    /** The name of the environment that serves every host no other environment claims. */
    public static final String DEFAULT_NAME = "default";
}
