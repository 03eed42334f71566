package dev.countersign.cli.phone;

import dev.countersign.cli.Program;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A command of a phone: it needs no installation, only its file and a server somewhere. */
@Command(mixinStandardHelpOptions = true)
abstract class PhoneCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where this phone is kept; .countersign-phone in the home directory unless named.")
    private @Nullable Path file;

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

    abstract Answer work(Path path, Clock clock);

    @Override
    public Integer call() {
        Program program = (Program) spec.root().userObject();
        Path path = file == null ? Path.of(System.getProperty("user.home"), ".countersign-phone") : file;
        Answer answer = work(path, program.clock());
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JSON.writeValueAsString(answer.data()) : answer.text());
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
