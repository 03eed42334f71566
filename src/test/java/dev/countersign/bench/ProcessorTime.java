package dev.countersign.bench;

/** Processor time of processes. */
final class ProcessorTime {
    private ProcessorTime() {}

    /** What a process has used so far, in seconds of one processor. */
    static double seconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElse(java.time.Duration.ZERO) // has just ended
                        .toNanos()
                / 1e9;
    }
}
