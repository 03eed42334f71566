package dev.countersign.signin;

import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;

/** The secret a person is registering: kept sealed with their sign-in, shown to nobody else, gone when it ends. */
public sealed interface Material {
    /** The secret of a new authenticator app. */
    record App(SecretBytes secret) implements Material {}

    /** A new recovery code. */
    record RecoveryCode(SecretText code) implements Material {}
}
