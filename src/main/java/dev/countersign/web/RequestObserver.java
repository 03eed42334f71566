package dev.countersign.web;

import dev.countersign.kernel.Observation;

/** Looks at every request, for figures and traces. */
public interface RequestObserver {
    /**
     * A request begins in this thread.
     *
     * @param trace the header {@code traceparent} if a trusted proxy sent it, else empty
     */
    Seen begin(String method, String trace);

    /** One request that is looked at, and its parts. */
    interface Seen extends Observation.Observer {
        /** The name by which lines of the log and spans find each other; empty if there is none. */
        default String traceId() {
            return "";
        }

        /** @param route the pattern that matched, never what was asked for; empty when none did */
        void end(String route, int status);
    }
}
