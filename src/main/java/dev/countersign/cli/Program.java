package dev.countersign.cli;

import dev.countersign.cli.phone.PhoneCommands;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.kernel.StartFailure;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: every command, its help, and the exit codes. */
@Command(
        name = "countersign",
        description = "The second signature on every sign-in.",
        mixinStandardHelpOptions = true,
        versionProvider = Program.Version.class)
public final class Program implements Runnable {
    /** Why a command ended with another code than 0 is in {@link StartFailure.Kind}; this one is a bug. */
    private static final int UNEXPECTED = 70;

    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            ServeCommand.class,
            TrainCommand.class,
            AccountCommands.class,
            GroupCommands.class,
            PolicyCommands.class,
            PhoneCommands.class,
            ResetCommand.class,
            ActivityCommands.class,
            MailCommands.class,
            EnvironmentCommands.class,
            ApiKeyCommands.class,
            EntitlementCommands.class,
            KeyCommands.class,
            DoctorCommand.class,
            SafekeepingCommands.MakeBackup.class,
            SafekeepingCommands.RestoreBackup.class,
            SafekeepingCommands.MoveToPostgresql.class,
            CompletionCommand.class);

    private static final Parts NONE = new Parts(Object.class, Object.class, Clock.systemUTC());

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Parts parts;

    private Program(Parts parts) {
        this.parts = parts;
    }

    Program() {
        this(NONE);
    }

    /**
     * The configuration classes of the program.
     *
     * @param modules everything below the doors
     * @param server the doors
     * @param clock the only clock of the program
     * @param passwords what hashing a password takes
     */
    public record Parts(Class<?> modules, Class<?> server, Clock clock, PasswordSettings passwords) {
        public Parts(Class<?> modules, Class<?> server, Clock clock) {
            this(modules, server, clock, PasswordSettings.DEFAULT);
        }
    }

    /** Runs one command and answers its exit code. */
    public static int run(Parts parts, String... arguments) {
        CommandLine line = commands(new Program(parts), named(arguments));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Program::misused);
        line.setExecutionExceptionHandler(Program::failed);
        return line.execute(arguments);
    }

    /** The one command that is named: looking through all others takes a tenth of the time a server needs to start. */
    private static List<Class<?>> named(String... arguments) {
        List<Class<?>> named = COMMANDS.stream()
                .filter(command -> arguments.length > 0
                        && command.getAnnotation(Command.class).name().equals(arguments[0]))
                .toList();
        boolean looksAtAll = named.isEmpty() || named.contains(CompletionCommand.class);
        return looksAtAll ? COMMANDS : named;
    }

    /** Every command with its help. */
    static CommandLine commands(Program program) {
        return commands(program, COMMANDS);
    }

    private static CommandLine commands(Program program, List<Class<?>> commands) {
        CommandLine line = new CommandLine(program);
        commands.forEach(line::addSubcommand);
        Examples.addTo(line);
        return line;
    }

    Parts parts() {
        return parts;
    }

    /** The only clock, for commands that open no installation. */
    public Clock clock() {
        return parts.clock();
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int misused(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(failure.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return StartFailure.Kind.USAGE.exitCode();
    }

    private static int failed(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        if (failure instanceof StartFailure start) {
            line.getErr().println(start.getMessage());
            return start.kind().exitCode();
        }
        failure.printStackTrace(line.getErr());
        return UNEXPECTED;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Program.class.getPackage().getImplementationVersion();
            return new String[] {"countersign " + (version == null ? "(development)" : version)};
        }
    }
}
