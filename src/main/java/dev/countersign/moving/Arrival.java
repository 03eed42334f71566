package dev.countersign.moving;

import dev.countersign.vault.SecretText;
import java.util.List;
import java.util.Optional;

/**
 * A person as a file describes them, nothing checked yet. What is absent stays as it is; nothing is ever taken away.
 *
 * @param name absent in a file that has no names: then the username is the name of a new account
 * @param groups names of groups; a slash leads from an outer group to one inside it, where {@code nested}
 * @param nested whether {@code Sales/North} means the group North of Sales, which then stands in Sales
 * @param passwordHash in one of the spellings {@link dev.countersign.factor.password.Passwords#adopt} reads
 * @param totp an {@code otpauth://} address
 * @param mustChange whether the password has to be changed at the first sign-in
 */
record Arrival(
        String username,
        Optional<String> email,
        Optional<String> name,
        List<String> groups,
        boolean nested,
        Optional<String> locale,
        Optional<SecretText> passwordHash,
        boolean mustChange,
        Optional<SecretText> totp,
        Optional<Boolean> disabled,
        Optional<String> role) {
    Arrival {
        groups = List.copyOf(groups);
    }
}
