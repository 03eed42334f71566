package dev.countersign.witness;

import dev.countersign.activity.SealedCheckpoint;
import java.io.IOException;
import java.util.List;

/** A place outside that checkpoints are told to. */
interface Sink {
    /** Names the place: what it has been told is remembered under it. */
    String name();

    /**
     * Tells some checkpoints of one environment, in their order. It may tell again what it has told: a checkpoint is known by
     * its environment and number.
     *
     * @throws IOException when not all of them arrived
     */
    void tell(List<SealedCheckpoint> checkpoints) throws IOException;
}
