package dev.countersign.cli;

import dev.countersign.directory.Account;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code countersign group ...}. */
@Command(
        name = "group",
        description = "Create groups, add and remove members.",
        mixinStandardHelpOptions = true,
        subcommands = {
            GroupCommands.Create.class,
            GroupCommands.Add.class,
            GroupCommands.Remove.class,
            ChangeCommands.RenameGroup.class,
            ChangeCommands.DeleteGroup.class,
            ChangeCommands.Nest.class,
            ChangeCommands.Unnest.class,
            ChangeCommands.GroupRole.class,
            GroupCommands.ListAll.class,
            MovingCommands.ImportGroups.class,
            MovingCommands.ExportGroups.class
        })
final class GroupCommands extends HelpByDefault {
    record View(String id, String name, long members) {}

    @Command(name = "create", description = "Create a group.")
    static final class Create extends WorkCommand {
        @Parameters(paramLabel = "GROUP")
        private String name = "";

        @Override
        Answer work(Workbench bench) {
            Username parsed = switch (Username.parseGroupName(name)) {
                case Username.Parsed.Accepted(Username accepted) -> accepted;
                case Username.Parsed.Refused(Username.Refusal why) -> throw Workbench.refused(explain(why));
            };
            Group group = bench.get(Groups.class)
                    .create(bench.environmentId(), parsed, bench.actor(), bench.origin(), bench.now())
                    .orElseThrow(() -> Workbench.refused("A group '" + name + "' exists already."));
            return new Answer(new View(group.id().value(), group.name(), 0), "Created the group " + group.name() + ".");
        }

        private static String explain(Username.Refusal why) {
            return switch (why) {
                case EMPTY -> "The name is empty.";
                case TOO_LONG -> "A group's name has at most 64 characters.";
                case INVISIBLE -> "The name holds invisible characters.";
                case CHARACTERS -> "A group's name is made of letters, digits, single spaces and . _ - + @ & ( ) / '.";
                case LOOK_ALIKE ->
                    "The name mixes letters of several scripts, so that it could be mistaken for another.";
            };
        }
    }

    @Command(name = "add", description = "Add people to a group.")
    static final class Add extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String name = "";

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "USERNAME")
        private List<String> usernames = new ArrayList<>();

        @Override
        Answer work(Workbench bench) {
            Group group = bench.group(name);
            List<Account> accounts = usernames.stream().map(bench::account).toList();
            long added = accounts.stream()
                    .filter(account ->
                            bench.get(Groups.class).add(group, account, bench.actor(), bench.origin(), bench.now()))
                    .count();
            return new Answer(
                    Map.of("group", group.name(), "added", added), "Added " + added + " to " + group.name() + ".");
        }
    }

    @Command(name = "remove", description = "Take people out of a group.")
    static final class Remove extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String name = "";

        @Parameters(index = "1..*", arity = "1..*", paramLabel = "USERNAME")
        private List<String> usernames = new ArrayList<>();

        @Override
        Answer work(Workbench bench) {
            Group group = bench.group(name);
            List<Account> accounts = usernames.stream().map(bench::account).toList();
            long removed = accounts.stream()
                    .filter(account ->
                            bench.get(Groups.class).remove(group, account, bench.actor(), bench.origin(), bench.now()))
                    .count();
            return new Answer(
                    Map.of("group", group.name(), "removed", removed),
                    "Took " + removed + " out of " + group.name() + ".");
        }
    }

    @Command(name = "list", description = "List groups.")
    static final class ListAll extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            List<View> views = bench.get(Groups.class).all(bench.environmentId()).stream()
                    .map(group -> new View(group.id().value(), group.name(), group.members()))
                    .toList();
            return new Answer(
                    views,
                    Table.of(
                            List.of("GROUP", "MEMBERS"),
                            views.stream()
                                    .map(view -> List.of(view.name(), Long.toString(view.members())))
                                    .toList()));
        }
    }
}
