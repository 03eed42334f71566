package dev.countersign.console;

import dev.countersign.people.Person;
import dev.countersign.people.PersonStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Someone in a list: what a template needs of them. */
record PersonRow(
        String id,
        String username,
        String displayName,
        String email,
        String roleKey,
        boolean twoFactor,
        boolean companion,
        Status status,
        @Nullable Instant lastSignIn,
        boolean chosen) {

    /** A status as text, colour and drawing, so that none of them has to be seen alone. */
    record Status(
            String key, String look, String icon, @Nullable Instant until) {
        static Status of(Person person) {
            PersonStatus status = person.status();
            return new Status(
                    keyOf(status),
                    lookOf(status),
                    iconOf(status),
                    person.exemptUntil()
                            .filter(_ -> status == PersonStatus.EXEMPT)
                            .or(person::graceUntil)
                            .orElse(null));
        }

        static String keyOf(PersonStatus status) {
            return switch (status) {
                case DISABLED -> "status.disabled";
                case LOCKED -> "status.locked";
                case EXEMPT -> "status.exempt";
                case ENROLLED -> "status.enrolled";
                case MUST_ENROL -> "status.must-enrol";
                case GRACE -> "status.grace";
                case NOT_COVERED -> "status.not-covered";
            };
        }

        private static String lookOf(PersonStatus status) {
            return switch (status) {
                case ENROLLED -> "tag-good";
                case MUST_ENROL -> "tag-warn";
                case LOCKED -> "tag-bad";
                case DISABLED, EXEMPT, GRACE, NOT_COVERED -> "tag-plain";
            };
        }

        private static String iconOf(PersonStatus status) {
            return switch (status) {
                case ENROLLED -> "check";
                case MUST_ENROL -> "problem";
                case LOCKED -> "lock";
                case EXEMPT, GRACE -> "clock";
                case DISABLED -> "cross";
                case NOT_COVERED -> "dash";
            };
        }
    }

    static PersonRow of(Person person) {
        return of(person, false);
    }

    static PersonRow of(Person person, boolean chosen) {
        return new PersonRow(
                person.id().value(),
                person.username(),
                person.displayName(),
                person.email(),
                "role." + person.role().wireName(),
                person.hasSecondFactor(),
                person.companionAt().isPresent(),
                Status.of(person),
                person.lastSignInAt().orElse(null),
                chosen);
    }
}
