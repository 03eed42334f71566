package dev.countersign.cli;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.kernel.StartFailure;
import dev.countersign.setup.DemoData;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code countersign demo}: a server with example people in a throw-away directory. */
@Command(
        name = "demo",
        description = "Start a server with example people in a throw-away directory.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8480", description = "Port (default 8480).")
    private String port = "8480";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        Program program = (Program) spec.root().userObject();
        ThrowAwayDirectory directory = ThrowAwayDirectory.create();
        try {
            Map<SettingKey, String> options = Map.of(
                    SettingKey.DATA, directory.path().toString(), SettingKey.PORT, port, SettingKey.NAME, "Northwind");
            RunningServer server =
                    RunningServer.start(SettingsLoader.load(options, Map.of(), Optional.empty()), program.parts());
            server.closeWhenAsked(directory::close);
            DemoData.Made made = server.get(DemoData.class).create(server.defaultEnvironment());
            PrintWriter out = spec.commandLine().getOut();
            print(out, server.address(), made);
            out.flush();
            server.awaitClosed();
        } catch (StartFailure e) {
            directory.close();
            throw e;
        }
        return CommandLine.ExitCode.OK;
    }

    private static void print(PrintWriter out, String address, DemoData.Made made) {
        out.println();
        out.println("Countersign is ready at " + address);
        out.println();
        out.println("Everyone's password in this demo: " + made.password());
        out.println();
        List<List<String>> rows = made.people().stream()
                .map(person -> List.of("  " + person.username(), person.displayName(), person.role(), person.note()))
                .toList();
        out.println(Table.of(List.of("  SIGN IN AS", "NAME", "ROLE", "WHAT TO TRY"), rows));
        out.println();
        out.println("1. Open " + address + "/console, sign in as ada and register an authenticator app.");
        out.println("2. Security > Edit: require two-factor authentication for everyone, or for the group Sales.");
        out.println("3. Sign out, and sign in as bea: the QR code comes after the password.");
        out.println();
        out.println("Ctrl-C stops the demo and deletes its data.");
    }
}
