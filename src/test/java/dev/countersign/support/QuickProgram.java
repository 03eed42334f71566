package dev.countersign.support;

import dev.countersign.cli.Program;
import dev.countersign.factor.password.PasswordSettings;
import java.time.Clock;

/** The program, but for passwords, which are hashed next to nothing: where thousands sign in, they would take most of the time. */
public final class QuickProgram {
    private QuickProgram() {}

    public static void main(String[] arguments) {
        System.exit(Program.run(parts(Clock.systemUTC(), PasswordSettings.LEAST), arguments));
    }

    /** The configuration classes of the real program, found by name because they are package-private. */
    static Program.Parts parts(Clock clock, PasswordSettings passwords) {
        try {
            return new Program.Parts(
                    Class.forName("dev.countersign.Modules"),
                    Class.forName("dev.countersign.Server"),
                    clock,
                    passwords);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
