package dev.countersign.kernel;

/**
 * Where a request came from, for the activity log and the limits.
 *
 * @param door the entrance: {@code portal}, {@code account}, {@code console}, {@code api}, {@code cli}, {@code setup}, {@code mail} (the link of one), {@code system}
 * @param address the client's address as text, never a name; {@code local} for the command line
 * @param browser a short description of the user agent, at most 200 characters, or empty
 * @param requestId names the request in log and error page
 */
public record Origin(String door, String address, String browser, String requestId) {
    /** A command typed on the server itself. */
    public static Origin commandLine(String operatingSystemUser) {
        return new Origin("cli", "local", operatingSystemUser, "cli");
    }

    /** The server acting by itself. */
    public static final Origin SYSTEM = new Origin("system", "local", "", "system");
}
