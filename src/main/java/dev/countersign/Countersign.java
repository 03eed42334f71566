package dev.countersign;

import dev.countersign.cli.Program;
import java.time.Clock;

/**
 * The program. {@link Modules} lists everything below the doors, {@link Server} the doors a server opens, and
 * {@link Program} the commands.
 */
public final class Countersign {
    private Countersign() {}

    public static void main(String[] arguments) {
        System.exit(Program.run(new Program.Parts(Modules.class, Server.class, Clock.systemUTC()), arguments));
    }
}
