package dev.countersign.activity;

import java.util.List;

/**
 * A checkpoint and its list.
 *
 * @param listIsWhole whether the list is the one that was signed
 */
public record SealedCheckpoint(Checkpoint checkpoint, List<ListedEntry> entries, boolean listIsWhole) {
    public SealedCheckpoint {
        entries = List.copyOf(entries);
    }

    static SealedCheckpoint of(Checkpoint checkpoint, byte[] packed) {
        List<ListedEntry> entries = ListedEntry.unpack(packed);
        boolean whole =
                ListedEntry.hash(packed).equals(checkpoint.entriesHash()) && entries.size() == checkpoint.count();
        return new SealedCheckpoint(checkpoint, entries, whole);
    }
}
