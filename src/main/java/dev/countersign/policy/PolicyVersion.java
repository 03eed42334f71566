package dev.countersign.policy;

import dev.countersign.directory.SignInStyle;
import java.time.Instant;

/**
 * What the security settings of an environment once were.
 *
 * @param rules with the number of this version
 * @param reason what whoever changed them gave as the reason, or empty
 * @param changedBy the name of whoever made them so
 */
public record PolicyVersion(Rules rules, SignInStyle style, String reason, Instant changedAt, String changedBy) {}
