package dev.countersign.factor;

import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.SignInId;
import dev.countersign.vault.SecretText;

/** What a person answered to a challenge. */
public sealed interface Answer {
    /** Text they typed: a password or a code. */
    record Typed(SecretText text) implements Answer {
        public static Typed of(String text) {
            return new Typed(SecretText.of(text));
        }
    }

    /**
     * They answered on their phone, not here.
     *
     * @param signIn the sign-in that waits; an approval counts for the one it was asked for
     */
    record Approved(ApprovalId request, SignInId signIn) implements Answer {}

    /** The text; none was typed when the answer was given elsewhere. */
    default SecretText typed() {
        return switch (this) {
            case Typed(SecretText text) -> text;
            case Approved _ -> SecretText.of("");
        };
    }
}
