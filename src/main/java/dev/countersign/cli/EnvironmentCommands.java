package dev.countersign.cli;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign environment ...}. */
@Command(
        name = "environment",
        description = "Create and list environments.",
        mixinStandardHelpOptions = true,
        subcommands = {EnvironmentCommands.Create.class, EnvironmentCommands.ListAll.class})
final class EnvironmentCommands extends HelpByDefault {
    record View(String id, String name, @Nullable String host, String displayName) {}

    private static View view(Environment environment) {
        return new View(
                environment.id().value(),
                environment.name(),
                environment.host().orElse(null),
                environment.displayName());
    }

    @Command(name = "create", description = "Create an environment that a host name selects.")
    static final class Create extends WorkCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(names = "--host", required = true, description = "Host name that selects it.")
        private String host = "";

        @Option(names = "--display-name", description = "What people read; the name unless given.")
        private @Nullable String displayName;

        @Override
        Answer work(Workbench bench) {
            String shown = displayName == null ? name : displayName;
            try {
                Environment created = bench.get(Environments.class)
                        .create(name, Optional.of(host), shown, bench.actor(), bench.origin(), bench.now())
                        .orElseThrow(() -> Workbench.refused(
                                "The name '" + name + "' or the host '" + host + "' belongs to another environment."));
                return new Answer(view(created), "Created the environment " + name + " for " + host + ".");
            } catch (IllegalArgumentException e) {
                throw Workbench.refused(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(name = "list", description = "List environments.")
    static final class ListAll extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            List<View> views = bench.get(Environments.class).all().stream()
                    .map(EnvironmentCommands::view)
                    .toList();
            return new Answer(
                    views,
                    Table.of(
                            List.of("NAME", "HOST", "SHOWN AS"),
                            views.stream()
                                    .map(view -> List.of(
                                            view.name(),
                                            view.host() == null ? "(every other)" : view.host(),
                                            view.displayName()))
                                    .toList()));
        }
    }
}
