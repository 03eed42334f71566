package dev.countersign.policy;

import dev.countersign.kernel.FactorKind;
import java.util.Set;

/** What happens next, and the rule that says so. */
public sealed interface Decision {
    Why why();

    /** Nothing more is needed. */
    record Allow(Why why) implements Decision {}

    /** One of these factors is to be answered. */
    record Ask(Set<FactorKind> anyOf, Why why) implements Decision {
        public Ask {
            anyOf = Set.copyOf(anyOf);
            if (anyOf.isEmpty()) {
                throw new IllegalArgumentException("there is nothing to ask for");
            }
        }
    }

    /** This factor is to be registered, or its new secret recorded, before going on. */
    record Enrol(FactorKind kind, Why why) implements Decision {}

    /** The account may not sign in. */
    record Deny(Why why) implements Decision {}
}
