package dev.countersign.kernel;

/** Identifies a request to a phone. It names the request in lists and in the log; it decides nothing. */
public record ApprovalId(String value) {
    public ApprovalId {
        Identifiers.check("approval id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
