package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;

/** AC-253: what is typed as a command is seen by everyone on the machine and kept by the shell: no command takes a secret there. */
class SecretsOnTheCommandLineTest {
    private static final Pattern SECRET = Pattern.compile("password|secret|token|seed|private|credential|passphrase");
    private static final Pattern NO_VALUE_OF_A_SECRET = Pattern.compile("file|must-change|lifetime");

    @Test
    void ac_253_no_option_and_no_parameter_of_any_command_is_a_secret() {
        List<String> looked = new ArrayList<>();
        walk(Program.commands(new Program()), looked);
        assertThat(looked).hasSizeGreaterThan(100);
    }

    private static void walk(CommandLine line, List<String> looked) {
        for (ArgSpec arg : line.getCommandSpec().args()) {
            String name = (String.join(
                                    " ",
                                    arg.isOption()
                                            ? List.of(((CommandLine.Model.OptionSpec) arg).names())
                                            : List.of(arg.paramLabel()))
                            + " " + arg.paramLabel())
                    .toLowerCase(Locale.ROOT);
            boolean takesValue = arg.arity().max() > 0;
            boolean secret = SECRET.matcher(name).find()
                    && !NO_VALUE_OF_A_SECRET.matcher(name).find();
            assertThat(takesValue && secret)
                    .as(
                            "%s %s takes a secret where everybody sees it: take a file or standard input",
                            line.getCommandName(), name)
                    .isFalse();
            looked.add(line.getCommandName() + " " + name);
        }
        line.getSubcommands().values().forEach(below -> walk(below, looked));
    }
}
