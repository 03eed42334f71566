package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import java.util.Optional;

/** The person at the console as the one who asks for something to be done. */
final class Acting {
    private Acting() {}

    static Administrator of(SignedIn person, RequestFacts facts) {
        return new Administrator(
                facts.environment().id(),
                Optional.of(person.account().id()),
                person.rights(),
                person.actor(),
                facts.origin("console"));
    }
}
