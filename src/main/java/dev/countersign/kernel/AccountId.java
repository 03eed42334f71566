package dev.countersign.kernel;

/** Identifies an account; unique in the installation, random, never reused. */
public record AccountId(String value) {
    public AccountId {
        Identifiers.check("account id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
