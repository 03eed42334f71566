package dev.countersign.cli;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code countersign train}: starts and stops a server in a throw-away directory, for the launcher to record in the ahead-of-time
 * cache what a start needs.
 */
@Command(name = "train", hidden = true, description = "Warm-up run for the launcher.")
final class TrainCommand implements Callable<Integer> {
    private static final int PAGES = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Program program = (Program) spec.root().userObject();
        try (ThrowAwayDirectory directory = ThrowAwayDirectory.create();
                RunningServer server = RunningServer.start(
                        SettingsLoader.load(options(directory.path()), Map.of(), Optional.empty()), program.parts());
                HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < PAGES; i++) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + server.port() + "/sign-in"))
                        .build();
                client.send(request, HttpResponse.BodyHandlers.discarding());
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private static Map<SettingKey, String> options(Path directory) {
        return Map.of(SettingKey.DATA, directory.toString(), SettingKey.PORT, "0");
    }
}
