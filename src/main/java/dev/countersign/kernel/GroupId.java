package dev.countersign.kernel;

/** Identifies a group; unique in the installation, random, never reused. */
public record GroupId(String value) {
    public GroupId {
        Identifiers.check("group id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
