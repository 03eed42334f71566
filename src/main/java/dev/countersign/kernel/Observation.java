package dev.countersign.kernel;

import java.util.function.Supplier;

/**
 * Parts of the work that whoever runs a server wants figures and traces of. Code says where a part begins and ends, and knows
 * nothing of who looks; while nobody does, that costs next to nothing.
 */
public final class Observation {
    private static final ScopedValue<Observer> OBSERVER = ScopedValue.newInstance();

    private Observation() {}

    /** What is looked at. */
    public enum Part {
        /** One transaction that writes, with its wait for the database and its commit. */
        DATABASE_WRITE("database write"),
        /** From the wish to hash a password until it is its turn. */
        HASH_WAIT("hash wait"),
        /** Hashing a password. */
        HASH("hash"),
        /** Handing a message to a push service. */
        PUSH("push"),
        /** Handing a mail to a mail server. */
        MAIL("mail");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Looks at the parts of a request, or of a round in the background. */
    @FunctionalInterface
    public interface Observer {
        /** Does {@code work}, once, and answers what it answers. */
        <T> T observe(Part part, Supplier<T> work);
    }

    /** Does {@code work}, which is this part of what the thread does. */
    public static <T> T of(Part part, Supplier<T> work) {
        return OBSERVER.isBound() ? OBSERVER.get().observe(part, work) : work.get();
    }

    /** Does {@code work}, whose parts {@code observer} looks at; in this thread alone. */
    public static <T, X extends Throwable> T by(Observer observer, ScopedValue.CallableOp<T, X> work) throws X {
        return ScopedValue.where(OBSERVER, observer).call(work);
    }
}
