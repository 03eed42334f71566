package dev.countersign.cli;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.factor.password.PasswordSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code countersign train}: runs a server in a throw-away directory, for the launcher to record in the ahead-of-time cache
 * what a start needs, and what is worth compiling first once people sign in.
 */
@Command(name = "train", hidden = true, description = "Warm-up run for the launcher.")
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Program.Parts parts = ((Program) spec.root().userObject()).parts();
        Training.QuickClock clock = new Training.QuickClock(parts.clock());
        try (ThrowAwayDirectory directory = ThrowAwayDirectory.create();
                RunningServer server = RunningServer.start(
                        SettingsLoader.load(options(directory.path()), Map.of(), Optional.empty()),
                        new Program.Parts(parts.modules(), parts.server(), clock, PasswordSettings.LEAST))) {
            new Training(server, clock).run();
        }
        return CommandLine.ExitCode.OK;
    }

    private static Map<SettingKey, String> options(Path directory) {
        return Map.of(SettingKey.DATA, directory.toString(), SettingKey.PORT, "0");
    }
}
