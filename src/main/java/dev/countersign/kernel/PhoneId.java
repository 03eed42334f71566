package dev.countersign.kernel;

/** Identifies a phone that approves. It opens nothing: the phone's key does. */
public record PhoneId(String value) {
    public PhoneId {
        Identifiers.check("phone id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
