package dev.countersign.bench;

import de.mkammerer.argon2.Argon2Advanced;
import de.mkammerer.argon2.Argon2Factory;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/**
 * The limit of sign-ins: Argon2id alone, with the server's parameters, one thread per processor, in a process that does
 * nothing else. Prints hashes per second and the processor time of one in seconds.
 */
final class BareHash {
    private static final int MEMORY_KIB = 19 * 1024;
    private static final int ITERATIONS = 2;
    private static final int PARALLELISM = 1;
    private static final int BYTES = 32;

    private BareHash() {}

    /** What was measured. */
    record Rate(double perSecond, double processorSeconds) {}

    /** Measures in a process of its own. */
    static Rate measure(Duration duration) {
        String line = Commands.output(Commands.javaCommand(BareHash.class, Long.toString(duration.toMillis())));
        String[] parts = line.strip().split(" ");
        return new Rate(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
    }

    public static void main(String[] arguments) throws InterruptedException {
        long nanos = Duration.ofMillis(Long.parseLong(arguments[0])).toNanos();
        int processors = Runtime.getRuntime().availableProcessors();
        LongAdder hashes = new LongAdder();
        hashUntil(System.nanoTime() + nanos / 5, new LongAdder());
        long processorStart = processorNanos();
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(processors)) {
            for (int i = 0; i < processors; i++) {
                threads.execute(() -> hashUntil(start + nanos, hashes));
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double processorSeconds = (processorNanos() - processorStart) / 1e9;
        System.out.println(hashes.sum() / seconds + " " + processorSeconds / hashes.sum());
    }

    private static void hashUntil(long end, LongAdder hashes) {
        Argon2Advanced argon2 = Argon2Factory.createAdvanced(Argon2Factory.Argon2Types.ARGON2id, 16, BYTES);
        byte[] password = "correct horse battery staple".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        while (System.nanoTime() < end) {
            argon2.pbkdf(ITERATIONS, MEMORY_KIB, PARALLELISM, password, new byte[16], BYTES);
            hashes.increment();
        }
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
