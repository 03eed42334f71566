package dev.countersign.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code countersign completion SHELL}: a script that lets a shell complete commands and options. */
@Command(
        name = "completion",
        description = "Print a script that lets a shell complete commands and options.",
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    private static final String NAME = "countersign";

    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    private String shell = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        String script = switch (shell.toLowerCase(Locale.ROOT)) {
            case "bash", "zsh" -> AutoComplete.bash(NAME, root);
            case "fish" -> fish(root);
            default -> throw Workbench.refused("'" + shell + "' is not bash, zsh or fish.");
        };
        PrintWriter out = spec.commandLine().getOut();
        out.print(script);
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    private static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("complete -c " + NAME + " -f\n");
        root.getSubcommands().forEach((name, command) -> {
            if (command.getCommandSpec().usageMessage().hidden()) {
                return;
            }
            line(script, "__fish_use_subcommand", name, command);
            options(script, "__fish_seen_subcommand_from " + name, command);
            Map<String, CommandLine> inner = command.getSubcommands();
            String names = String.join(" ", inner.keySet());
            inner.forEach((innerName, innerCommand) -> {
                String outer = "__fish_seen_subcommand_from " + name;
                line(script, outer + "; and not __fish_seen_subcommand_from " + names, innerName, innerCommand);
                options(script, outer + "; and __fish_seen_subcommand_from " + innerName, innerCommand);
            });
        });
        return script.toString();
    }

    private static void line(StringBuilder script, String when, String name, CommandLine command) {
        String[] description = command.getCommandSpec().usageMessage().description();
        script.append("complete -c " + NAME + " -n '")
                .append(when)
                .append("' -a ")
                .append(name)
                .append(" -d ")
                .append(quoted(String.join(" ", description)))
                .append('\n');
    }

    private static void options(StringBuilder script, String when, CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String name = option.longestName();
            if (name.startsWith("--")) {
                script.append("complete -c " + NAME + " -n '")
                        .append(when)
                        .append("' -l ")
                        .append(name.substring(2))
                        .append(option.arity().max() > 0 ? " -r" : "")
                        .append(" -d ")
                        .append(quoted(String.join(" ", option.description())))
                        .append('\n');
            }
        }
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
