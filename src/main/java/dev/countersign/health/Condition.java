package dev.countersign.health;

import java.time.Instant;
import java.util.Optional;

/** Something without which this server is not to be sent people. Looked at about once a second, and may wait a second or two. */
public interface Condition {
    /** How it is called on the management port: one word, as {@code database}. */
    String name();

    /** What is wrong, in a sentence for whoever runs the server; nothing when all is well. */
    Optional<String> wrong(Instant now);
}
