package dev.countersign.cli;

import dev.countersign.directory.Environment;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A command that opens the installation, does one thing and says so, as text or as JSON. */
@Command(mixinStandardHelpOptions = true)
abstract class WorkCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Mixin
    private InstallationOptions installation = new InstallationOptions();

    @Option(
            names = "--environment",
            paramLabel = "NAME",
            defaultValue = Environment.DEFAULT_NAME,
            description = "Environment; 'default' unless named.")
    private String environment = Environment.DEFAULT_NAME;

    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * What a command answers.
     *
     * @param data printed with {@code --json}
     * @param text printed without
     */
    record Answer(Object data, String text) {}

    abstract Answer work(Workbench bench);

    /** Whether {@link #work} has written everything there is to say to standard output. */
    boolean printsItself() {
        return false;
    }

    @Override
    public Integer call() {
        Program program = (Program) spec.root().userObject();
        try (Workbench bench = Workbench.open(installation.settings(Map.of()), environment, program.parts())) {
            Answer answer = work(bench);
            if (printsItself()) {
                return CommandLine.ExitCode.OK;
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println(json ? JSON.writeValueAsString(answer.data()) : answer.text());
            out.flush();
        }
        return CommandLine.ExitCode.OK;
    }
}
