package dev.countersign.factor.password;

import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * The memory that hashes of other products share: however many people sign in with one, the largest wait for each other.
 * Thread-safe.
 */
final class HashMemory {
    private static final int MEBIBYTES = 260;

    private final Semaphore free = new Semaphore(MEBIBYTES, true);

    /** Runs {@code work} when that much is free. */
    boolean with(int mebibytes, BooleanSupplier work) {
        int taken = Math.clamp(mebibytes, 1, MEBIBYTES);
        free.acquireUninterruptibly(taken);
        try {
            return work.getAsBoolean();
        } finally {
            free.release(taken);
        }
    }
}
