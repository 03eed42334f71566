package dev.countersign.cli;

import dev.countersign.configuration.SettingKey;
import dev.countersign.setup.SetupLinks;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code countersign serve}: the server of one installation. */
@Command(name = "serve", description = "Start the server.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private InstallationOptions installation = new InstallationOptions();

    @Option(names = "--port", paramLabel = "PORT", description = "Port to listen on (default 8480).")
    private @Nullable String port;

    @Option(names = "--listen", paramLabel = "ADDRESS", description = "Address to listen on (default 127.0.0.1).")
    private @Nullable String listen;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Map<SettingKey, String> options = new EnumMap<>(SettingKey.class);
        if (port != null) {
            options.put(SettingKey.PORT, port);
        }
        if (listen != null) {
            options.put(SettingKey.LISTEN, listen);
        }
        Program program = (Program) spec.root().userObject();
        RunningServer server = RunningServer.start(installation.settings(options), program.parts());
        server.closeWhenAsked(() -> {});
        PrintWriter out = spec.commandLine().getOut();
        out.println("Countersign is ready at " + server.address());
        server.get(SetupLinks.class)
                .issue(server.defaultEnvironment(), server.get(Clock.class).instant())
                .ifPresent(token -> {
                    out.println();
                    out.println("Create the first administrator here, within one hour:");
                    out.println("  " + server.address() + "/setup?token=" + token.reveal());
                });
        out.flush();
        server.awaitClosed();
        return CommandLine.ExitCode.OK;
    }
}
