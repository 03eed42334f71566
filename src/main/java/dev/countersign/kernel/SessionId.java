package dev.countersign.kernel;

/** Identifies a session. It names the session in lists and in the log; it opens nothing. */
public record SessionId(String value) {
    public SessionId {
        Identifiers.check("session id", value);
    }

    @Override
    public String toString() {
        return value;
    }
}
