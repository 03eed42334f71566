package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.StartFailure;
import dev.countersign.support.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The whole tree of commands: each says what it does, shows how, answers in JSON, and is in the handbook. */
class HelpTest {
    private static final Path PAGE = Path.of("docs/admin/command-line.md");

    private static TreeMap<String, CommandLine> commands() {
        TreeMap<String, CommandLine> all = new TreeMap<>();
        collect(Program.commands(new Program()), "countersign", all);
        return all;
    }

    private static void collect(CommandLine line, String name, TreeMap<String, CommandLine> all) {
        if (line.getCommandSpec().usageMessage().hidden()) {
            return;
        }
        all.put(name, line);
        line.getSubcommands().forEach((word, inner) -> collect(inner, name + " " + word, all));
    }

    @Test
    void every_command_says_what_it_does_and_shows_an_example_of_itself() {
        commands().forEach((name, line) -> {
            var usage = line.getCommandSpec().usageMessage();
            assertThat(usage.description()).as("description of %s", name).isNotEmpty();
            assertThat(String.join("\n", usage.footer()))
                    .as("example of %s", name)
                    .contains("Example")
                    .contains(" " + name);
        });
        assertThat(commands()).hasSizeGreaterThan(40);
    }

    @Test
    void every_option_and_every_command_has_its_help() {
        commands().forEach((name, line) -> {
            line.getCommandSpec()
                    .options()
                    .forEach(option -> assertThat(option.description())
                            .as("%s %s", name, option.longestName())
                            .isNotEmpty());
            List<String> words = new ArrayList<>(List.of(name.split(" ")).subList(1, name.split(" ").length));
            words.add("--help");
            Typed said = Typed.type(new TestClock(), words.toArray(String[]::new));
            assertThat(said.code()).as(name).isZero();
            assertThat(said.out()).startsWith("Usage: " + name).contains("Example");
        });
    }

    @Test
    void every_command_that_works_on_an_installation_answers_in_json() {
        commands().forEach((name, line) -> {
            if (line.getCommandSpec().userObject() instanceof WorkCommand) {
                assertThat(line.getCommandSpec().findOption("--json")).as(name).isNotNull();
                assertThat(line.getCommandSpec().findOption("--data")).as(name).isNotNull();
            }
        });
    }

    @Test
    void the_handbook_names_every_command_and_every_exit_code() throws IOException {
        String page = Files.readString(PAGE);
        commands().forEach((name, line) -> {
            if (line.getSubcommands().isEmpty()) {
                assertThat(page).as(PAGE.toString()).contains(name);
            }
        });
        for (StartFailure.Kind kind : StartFailure.Kind.values()) {
            assertThat(page).contains("| " + kind.exitCode() + " |");
        }
    }

    @Test
    void shells_get_scripts_they_understand() throws Exception {
        Typed bash = Typed.type(new TestClock(), "completion", "bash");
        assertThat(bash.out())
                .contains("set-password")
                .contains("--allow-roles")
                .contains("doctor");
        Process check =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        check.getOutputStream().write(bash.out().getBytes(StandardCharsets.UTF_8));
        check.getOutputStream().close();
        assertThat(new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(check.waitFor()).isZero();
        assertThat(Typed.type(new TestClock(), "completion", "zsh").out()).isEqualTo(bash.out());
        String fish = Typed.type(new TestClock(), "completion", "fish").out();
        assertThat(fish)
                .contains("complete -c countersign -n '__fish_use_subcommand' -a doctor -d ")
                .contains("-l allow-roles")
                .contains("account\\'s");
        assertThat(fish.lines()).allMatch(line -> line.startsWith("complete -c countersign "));
        Typed other = Typed.type(new TestClock(), "completion", "tcsh");
        assertThat(other.code()).isEqualTo(StartFailure.Kind.REFUSED.exitCode());
    }
}
