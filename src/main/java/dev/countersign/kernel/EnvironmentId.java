package dev.countersign.kernel;

/** Identifies an environment (a customer); unique in the installation. */
public record EnvironmentId(String value) {
    public EnvironmentId {
        Identifiers.check("environment id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
