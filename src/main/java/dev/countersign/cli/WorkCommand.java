package dev.countersign.cli;

import dev.countersign.directory.Environment;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that opens the installation, does one thing and says so, as text or as JSON. */
abstract class WorkCommand extends AnsweringCommand {
    @Mixin
    private InstallationOptions installation = new InstallationOptions();

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            defaultValue = Environment.DEFAULT_NAME,
            description = "Environment; 'default' unless named.")
    private String environment = Environment.DEFAULT_NAME;

    abstract Answer work(Workbench bench);

    /** Whether {@link #work} has written everything there is to say to standard output. */
    boolean printsItself() {
        return false;
    }

    @Override
    public Integer call() {
        try (Workbench bench = Workbench.open(
                installation.settings(Map.of()), environment, program().parts())) {
            Answer answer = work(bench);
            if (!printsItself()) {
                say(answer);
            }
        }
        return CommandLine.ExitCode.OK;
    }
}
