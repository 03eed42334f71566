package dev.countersign;

import dev.countersign.cli.Program;
import java.time.Clock;

/**
 * The program. {@link Modules} lists everything below the doors, {@link Server} the doors a server opens, and
 * {@link Program} the commands.
 */
public final class Countersign {
    static final Program.Parts PARTS = new Program.Parts(Modules.class, Server.class, Clock.systemUTC());

    private Countersign() {}

    public static void main(String[] arguments) {
        // Java looks at it once, when TLS is first used. A second handshake in a connection costs us more than whoever
        // asks for it.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        int code = Program.run(PARTS, arguments);
        if (isEnding()) {
            // A server that was asked to end has done so, and all is well: Java by itself would say "killed by a
            // signal".
            Runtime.getRuntime().halt(code);
        }
        System.exit(code);
    }

    /** Whether the process was asked to end: then nothing more can be hooked on. */
    private static boolean isEnding() {
        Thread nothing = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(nothing);
            return !Runtime.getRuntime().removeShutdownHook(nothing);
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
