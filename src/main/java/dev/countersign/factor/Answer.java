package dev.countersign.factor;

import dev.countersign.vault.SecretText;

/** What a person answered to a challenge. */
public sealed interface Answer {
    /** Text they typed: a password or a code. */
    record Typed(SecretText text) implements Answer {
        public static Typed of(String text) {
            return new Typed(SecretText.of(text));
        }
    }
}
