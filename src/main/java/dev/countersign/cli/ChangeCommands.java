package dev.countersign.cli;

import dev.countersign.administration.GroupAdministration;
import dev.countersign.administration.PeopleAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.kernel.Role;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes to accounts and groups that exist. */
final class ChangeCommands {
    private ChangeCommands() {}

    private static Role role(String name) {
        return Role.ofWireName(name.toLowerCase(Locale.ROOT))
                .orElseThrow(() -> Workbench.refused("There is no role '" + name
                        + "'. Roles: administrator, security-administrator, help-desk, auditor, user."));
    }

    @Command(name = "edit", description = "Change a person's username, name or mail address.")
    static final class EditAccount extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Option(names = "--username", paramLabel = "NAME", description = "New name to sign in with.")
        private @Nullable String newUsername;

        @Option(names = "--name", description = "New name of the person.")
        private @Nullable String name;

        @Option(names = "--email", description = "New mail address.")
        private @Nullable String email;

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            return change(
                    bench,
                    account,
                    newUsername == null ? account.username() : newUsername,
                    name == null ? account.displayName() : name,
                    email == null ? account.email() : email);
        }
    }

    private static WorkCommand.Answer change(
            Workbench bench, Account account, String username, String name, String email) {
        Accounts.Creation changed = bench.require(bench.get(PeopleAdministration.class)
                .change(bench.operator(), account.id(), username, name, email, bench.now()));
        return switch (changed) {
            case Accounts.Creation.Refused(Accounts.Problem problem) ->
                throw Workbench.refused("Not changed: "
                        + problem.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ".");
            case Accounts.Creation.Created(Account after) ->
                new WorkCommand.Answer(
                        Map.of("username", after.username(), "name", after.displayName(), "email", after.email()),
                        "Changed: "
                                + Table.printable(after.username() + ", " + after.displayName() + ", " + after.email())
                                + ".");
        };
    }

    @Command(name = "set-email", description = "Change a person's mail address.")
    static final class SetEmail extends WorkCommand {
        @Parameters(index = "0", paramLabel = "USERNAME")
        private String username = "";

        @Parameters(index = "1", paramLabel = "ADDRESS")
        private String email = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            return change(bench, account, account.username(), account.displayName(), email);
        }
    }

    @Command(name = "set-role", description = "Give a person another role.")
    static final class SetRole extends WorkCommand {
        @Parameters(index = "0", paramLabel = "USERNAME")
        private String username = "";

        @Parameters(
                index = "1",
                paramLabel = "ROLE",
                description = "administrator, security-administrator, help-desk, auditor or user.")
        private String role = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            Role chosen = role(role);
            bench.require(bench.get(PeopleAdministration.class)
                    .changeRole(bench.operator(), account.id(), chosen, bench.now()));
            return new Answer(
                    Map.of("username", account.username(), "role", chosen.wireName()),
                    account.username() + " is now " + chosen.wireName() + ".");
        }
    }

    @Command(name = "delete", description = "Remove an account with everything but its lines in the log.")
    static final class DeleteAccount extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            bench.require(bench.get(PeopleAdministration.class).delete(bench.operator(), account.id(), bench.now()));
            return new Answer(
                    Map.of("username", account.username(), "deleted", true), "Deleted " + account.username() + ".");
        }
    }

    @Command(name = "delete", description = "Remove a group; the people in it stay.")
    static final class DeleteGroup extends WorkCommand {
        @Parameters(paramLabel = "GROUP")
        private String name = "";

        @Override
        Answer work(Workbench bench) {
            Group group = bench.group(name);
            bench.require(bench.get(GroupAdministration.class).delete(bench.operator(), group.id(), bench.now()));
            return new Answer(
                    Map.of("group", group.name(), "deleted", true), "Deleted the group " + group.name() + ".");
        }
    }

    @Command(name = "rename", description = "Give a group another name.")
    static final class RenameGroup extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String name = "";

        @Parameters(index = "1", paramLabel = "NEW-NAME")
        private String newName = "";

        @Override
        Answer work(Workbench bench) {
            Group group = bench.group(name);
            bench.require(
                    bench.get(GroupAdministration.class).rename(bench.operator(), group.id(), newName, bench.now()));
            return new Answer(
                    Map.of("before", group.name(), "group", newName), group.name() + " is now called " + newName + ".");
        }
    }

    @Command(name = "nest", description = "Put a group into another: who is in it is then in the other too.")
    static final class Nest extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String outer = "";

        @Parameters(index = "1", paramLabel = "INNER-GROUP")
        private String inner = "";

        @Override
        Answer work(Workbench bench) {
            Group parent = bench.group(outer);
            Group child = bench.group(inner);
            bench.require(
                    bench.get(GroupAdministration.class).nest(bench.operator(), parent.id(), child.id(), bench.now()));
            return new Answer(
                    Map.of("group", parent.name(), "nested", child.name()),
                    child.name() + " stands in " + parent.name() + ".");
        }
    }

    @Command(name = "unnest", description = "Take a group out of another.")
    static final class Unnest extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String outer = "";

        @Parameters(index = "1", paramLabel = "INNER-GROUP")
        private String inner = "";

        @Override
        Answer work(Workbench bench) {
            Group parent = bench.group(outer);
            Group child = bench.group(inner);
            bench.require(bench.get(GroupAdministration.class)
                    .unnest(bench.operator(), parent.id(), child.id(), bench.now()));
            return new Answer(
                    Map.of("group", parent.name(), "unnested", child.name()),
                    child.name() + " no longer stands in " + parent.name() + ".");
        }
    }

    @Command(name = "role", description = "Give everyone in a group a role beside their own, or none any more.")
    static final class GroupRole extends WorkCommand {
        @Parameters(index = "0", paramLabel = "GROUP")
        private String name = "";

        @Parameters(index = "1", paramLabel = "ROLE|none", description = "The role; none takes it away.")
        private String role = "";

        @Override
        Answer work(Workbench bench) {
            Group group = bench.group(name);
            Optional<Role> chosen = role.equalsIgnoreCase("none") ? Optional.empty() : Optional.of(role(role));
            bench.require(
                    bench.get(GroupAdministration.class).changeRole(bench.operator(), group.id(), chosen, bench.now()));
            String shown = chosen.map(Role::wireName).orElse("none");
            return new Answer(
                    Map.of("group", group.name(), "role", shown),
                    "The group " + group.name() + " gives: " + shown + ".");
        }
    }
}
