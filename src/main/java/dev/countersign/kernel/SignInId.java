package dev.countersign.kernel;

/** Identifies a sign-in that has not finished. It opens nothing. */
public record SignInId(String value) {
    public SignInId {
        Identifiers.check("sign-in id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
