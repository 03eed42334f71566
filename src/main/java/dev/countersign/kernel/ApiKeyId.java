package dev.countersign.kernel;

/** Identifies an API key; not the key itself. */
public record ApiKeyId(String value) {
    public ApiKeyId {
        Identifiers.check("API key id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
