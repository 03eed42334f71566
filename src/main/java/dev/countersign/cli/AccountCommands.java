package dev.countersign.cli;

import dev.countersign.administration.PeopleAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Role;
import dev.countersign.people.Companion;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.PersonStatus;
import dev.countersign.policy.PolicyGate;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.FactorFacts;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign account ...}. */
@Command(
        name = "account",
        description = "Create, list, change, import and export accounts.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AccountCommands.Create.class,
            AccountCommands.ListAll.class,
            ChangeCommands.EditAccount.class,
            ChangeCommands.SetEmail.class,
            ChangeCommands.SetRole.class,
            ChangeCommands.DeleteAccount.class,
            PolicyCommands.Exempt.class,
            PolicyCommands.EndExemption.class,
            AccountCommands.Show.class,
            AccountCommands.Disable.class,
            AccountCommands.Enable.class,
            AccountCommands.SetPassword.class,
            MovingCommands.ImportPeople.class,
            MovingCommands.ExportPeople.class,
            AccountCommands.ReplacePhone.class,
            ApprovalCommands.ListPhones.class,
            ApprovalCommands.RemovePhone.class,
            AccountCommands.Unlock.class
        })
final class AccountCommands extends HelpByDefault {
    private static final int MOST_LISTED = 100_000;

    /** An account as JSON. */
    record View(
            String id,
            String username,
            String displayName,
            String email,
            String role,
            List<String> groups,
            boolean disabled,
            boolean twoFactor,
            boolean twoFactorRequired,
            String why,
            @Nullable Instant lastSignInAt) {}

    private static View view(Workbench bench, Account account) {
        PolicyGate.Enrolments enrolments = bench.get(FactorFacts.class).of(account.id());
        return new View(
                account.id().value(),
                account.username(),
                account.displayName(),
                account.email(),
                account.role().wireName(),
                bench.get(Groups.class).groupsOf(account).stream()
                        .map(Group::name)
                        .toList(),
                account.isDisabled(),
                enrolments.enrolled().contains(FactorKind.TOTP),
                bench.get(PolicyGate.class).demandsSecondFactor(account, enrolments, bench.now()),
                Texts.of(bench.get(PolicyGate.class).explain(account, enrolments, bench.now())),
                account.lastSignInAt().orElse(null));
    }

    @Command(name = "create", description = "Create an account.")
    static final class Create extends WorkCommand {
        @Option(names = "--username", required = true, description = "Name to sign in with.")
        private String username = "";

        @Option(names = "--email", required = true, description = "Mail address.")
        private String email = "";

        @Option(names = "--name", required = true, description = "Name of the person.")
        private String name = "";

        @Option(
                names = "--role",
                defaultValue = "user",
                description = "administrator, security-administrator, help-desk, auditor or user (default).")
        private String role = "user";

        @Option(
                names = "--password-file",
                paramLabel = "FILE|-",
                description = "File whose first line is the password; - reads standard input.")
        private @Nullable String passwordFile;

        @Option(names = "--must-change", description = "The person chooses a new password at the first sign-in.")
        private boolean mustChange;

        @Override
        Answer work(Workbench bench) {
            Role chosen = Role.ofWireName(role.toLowerCase(Locale.ROOT))
                    .orElseThrow(() -> Workbench.refused("There is no role '" + role
                            + "'. Roles: administrator, security-administrator, help-desk, auditor, user."));
            Passwords.Prepared password = prepare(bench, Secrets.password(passwordFile), username, email);
            Account created = bench.get(Database.class).write(() -> insert(bench, chosen, password));
            return new Answer(view(bench, created), "Created " + created.username() + " (" + chosen.wireName() + ").");
        }

        private Account insert(Workbench bench, Role chosen, Passwords.Prepared password) {
            NewAccount typed = new NewAccount(username, name, email, chosen);
            var creation = bench.get(Accounts.class)
                    .create(bench.environmentId(), typed, bench.actor(), bench.origin(), bench.now());
            return switch (creation) {
                case Accounts.Creation.Refused(Accounts.Problem problem) -> throw Workbench.refused(explain(problem));
                case Accounts.Creation.Created(Account account) -> {
                    Optional<Passwords.MustChange> change =
                            mustChange ? Optional.of(Passwords.MustChange.REQUIRED) : Optional.empty();
                    bench.get(Passwords.class)
                            .set(account, password, change, bench.actor(), bench.origin(), bench.now());
                    yield account;
                }
            };
        }

        private String explain(Accounts.Problem problem) {
            return switch (problem) {
                case USERNAME_EMPTY -> "--username is empty.";
                case USERNAME_TOO_LONG -> "A username has at most 64 characters.";
                case USERNAME_INVISIBLE -> "The username holds invisible characters.";
                case USERNAME_CHARACTERS -> "A username is made of letters, digits and . _ - + @ without spaces.";
                case USERNAME_LOOK_ALIKE ->
                    "The username mixes letters of several scripts, so that it could be mistaken for another.";
                case USERNAME_TAKEN -> "The username '" + username + "', or one that looks like it, is taken.";
                case EMAIL_INVALID -> "'" + email + "' is not a mail address.";
                case NAME_INVALID -> "--name must have 1 to 200 visible characters.";
            };
        }
    }

    private static Passwords.Prepared prepare(Workbench bench, SecretText password, String username, String email) {
        PasswordRules.check(password, username, email).ifPresent(problem -> {
            throw Workbench.refused(
                    switch (problem) {
                        case TOO_SHORT -> "The password has fewer than " + PasswordRules.SHORTEST + " characters.";
                        case TOO_LONG -> "The password has more than " + PasswordRules.LONGEST + " characters.";
                        case COMMON -> "The password is one of the first that are guessed. Choose another.";
                        case LIKE_NAME -> "The password is too much like the name. Choose another.";
                    });
        });
        return bench.get(Passwords.class)
                .prepare(password)
                .orElseThrow(() -> Workbench.refused("This machine is too busy to hash a password. Try again."));
    }

    @Command(
            name = "list",
            description = "List accounts.",
            footer = {
                "",
                "Examples:",
                "  countersign account list anna",
                "  countersign account list --status must-enrol --group sales --json"
            })
    static final class ListAll extends WorkCommand {
        @Parameters(arity = "0..1", defaultValue = "", description = "Part of a username, name or mail address.")
        private String search = "";

        @Option(
                names = "--status",
                description = "disabled, locked, exempt, enrolled, must-enrol, grace or not-covered.")
        private Optional<String> status = Optional.empty();

        @Option(names = "--role", description = "By themselves or by a group.")
        private Optional<String> role = Optional.empty();

        @Option(names = "--group", description = "Directly, or through a group inside it.")
        private Optional<String> group = Optional.empty();

        @Option(names = "--companion", description = "paired or none: with a phone that approves, or without.")
        private Optional<String> companion = Optional.empty();

        private PeopleFilter filter(Workbench bench) {
            return new PeopleFilter(
                    search,
                    role.map(name -> Role.ofWireName(name)
                            .orElseThrow(() -> Workbench.refused("There is no role '" + name + "'."))),
                    group.map(name -> bench.group(name).id()),
                    Optional.empty(),
                    status.map(name -> PersonStatus.ofWireName(name)
                            .orElseThrow(() -> Workbench.refused("There is no status '" + name + "'."))),
                    companion.map(name -> Companion.ofWireName(name)
                            .orElseThrow(() -> Workbench.refused("--companion is 'paired' or 'none'."))));
        }

        @Override
        Answer work(Workbench bench) {
            List<View> views = bench
                    .get(People.class)
                    .list(
                            bench.environmentId(),
                            filter(bench),
                            PeopleSort.USERNAME,
                            Optional.empty(),
                            MOST_LISTED,
                            bench.now())
                    .people()
                    .stream()
                    .map(person -> view(bench, bench.get(Accounts.class).get(person.id())))
                    .toList();
            return new Answer(
                    views,
                    Table.of(
                            List.of("USERNAME", "ROLE", "2FA", "STATUS", "NAME", "E-MAIL"),
                            views.stream()
                                    .map(view -> List.of(
                                            view.username(),
                                            view.role(),
                                            view.twoFactor() ? "yes" : view.twoFactorRequired() ? "must enrol" : "no",
                                            view.disabled() ? "disabled" : "active",
                                            view.displayName(),
                                            view.email()))
                                    .toList()));
        }
    }

    @Command(name = "show", description = "Show one account.")
    static final class Show extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            View view = view(bench, bench.account(username));
            return new Answer(
                    view,
                    Table.of(
                            List.of(),
                            List.of(
                                    List.of("Username", view.username()),
                                    List.of("Name", view.displayName()),
                                    List.of("E-mail", view.email()),
                                    List.of("Role", view.role()),
                                    List.of("Groups", String.join(", ", view.groups())),
                                    List.of("Status", view.disabled() ? "disabled" : "active"),
                                    List.of("Two-factor", view.twoFactor() ? "set up" : "not set up"),
                                    List.of("At sign-in", view.why()))));
        }
    }

    @Command(name = "disable", description = "Keep an account from signing in and end its sessions.")
    static final class Disable extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            bench.require(bench.get(PeopleAdministration.class).disable(bench.operator(), account.id(), bench.now()));
            return new Answer(
                    view(bench, bench.account(username)),
                    "Disabled " + account.username() + "; its sessions have ended.");
        }
    }

    @Command(name = "enable", description = "Let a disabled account sign in again.")
    static final class Enable extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            bench.get(Accounts.class).enable(account, bench.actor(), bench.origin(), bench.now());
            return new Answer(view(bench, bench.account(username)), "Enabled " + account.username() + ".");
        }
    }

    @Command(name = "set-password", description = "Set an account's password; its sessions end.")
    static final class SetPassword extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Option(
                names = "--password-file",
                paramLabel = "FILE|-",
                description = "File whose first line is the password; - reads standard input.")
        private @Nullable String passwordFile;

        @Option(names = "--must-change", description = "The person chooses a new password at the next sign-in.")
        private boolean mustChange;

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            Passwords.Prepared password =
                    prepare(bench, Secrets.password(passwordFile), account.username(), account.email());
            Optional<Passwords.MustChange> change =
                    mustChange ? Optional.of(Passwords.MustChange.REQUIRED) : Optional.empty();
            bench.get(AccountActions.class)
                    .setPassword(account, password, change, bench.actor(), bench.origin(), bench.now());
            return new Answer(view(bench, account), "The password of " + account.username() + " is set.");
        }
    }

    /** A code to read out, as JSON. */
    record CodeView(String username, String code, Instant expiresAt) {}

    @Command(
            name = "replace-phone",
            description =
                    "Remove everything a person signs in with but the password, and print the code for the new phone.")
    static final class ReplacePhone extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            ReplacementCodes.Issued issued =
                    bench.get(AccountActions.class).replacePhone(account, bench.actor(), bench.origin(), bench.now());
            String code = String.join("-", ReplacementCodes.groups(issued.code()));
            return new Answer(
                    new CodeView(account.username(), code, issued.expiresAt()),
                    "The code for " + account.username() + " is " + code + ", until " + issued.expiresAt()
                            + ". It is asked for after the password, and works once.");
        }
    }

    @Command(name = "unlock", description = "Let a person who waits after wrong passwords or codes try again at once.")
    static final class Unlock extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            bench.get(AccountActions.class).unlock(account, bench.actor(), bench.origin(), bench.now());
            return new Answer(
                    Map.of("username", account.username(), "unlocked", true),
                    account.username() + " can try to sign in again at once.");
        }
    }
}
