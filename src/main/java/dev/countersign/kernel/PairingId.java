package dev.countersign.kernel;

/** Identifies the pairing of a phone. Public: whoever knows it can offer a key, and the owner decides by the four words. */
public record PairingId(String value) {
    public PairingId {
        Identifiers.check("pairing id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
