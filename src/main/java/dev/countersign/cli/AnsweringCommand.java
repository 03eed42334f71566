package dev.countersign.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A command that does one thing and says so, as text or as JSON. */
@Command(mixinStandardHelpOptions = true)
public abstract class AnsweringCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

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
    public record Answer(Object data, String text) {}

    protected final Program program() {
        return (Program) spec.root().userObject();
    }

    protected final void say(Answer answer) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? JSON.writeValueAsString(answer.data()) : answer.text());
        out.flush();
    }
}
