package dev.countersign.cli;

import dev.countersign.administration.SecurityAdministration;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.people.People;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Exemption;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign policy ...}. */
@Command(
        name = "policy",
        description = "Show and set who must use two-factor authentication.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PolicyCommands.Show.class,
            PolicyCommands.Change.class,
            ApprovalCommands.Approval.class,
            PolicyCommands.Exempt.class,
            PolicyCommands.EndExemption.class,
            PolicyCommands.History.class,
            PolicyCommands.Start.class,
            PolicyCommands.Event.class
        })
final class PolicyCommands extends HelpByDefault {
    /** The policy as JSON. */
    record View(
            String mode,
            String scope,
            List<String> groups,
            List<String> people,
            long covered,
            long version,
            String text) {}

    private static View view(Workbench bench) {
        Policies policies = bench.get(Policies.class);
        Rules rules = policies.rules(bench.environmentId());
        String mode = rules.mode().name().toLowerCase(Locale.ROOT);
        long covered = bench.get(People.class)
                .affected(bench.environmentId(), rules, bench.now())
                .covered();
        String text = policies.describe(bench.environmentId(), rules);
        return switch (rules.scope()) {
            case Rules.Scope.Everyone() ->
                new View(mode, "everyone", List.of(), List.of(), covered, rules.version(), text);
            case Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people) ->
                new View(
                        mode,
                        "selected",
                        policies.groupNames(bench.environmentId(), groups),
                        policies.usernames(people),
                        covered,
                        rules.version(),
                        text);
        };
    }

    private static String sentence(View view) {
        return switch (view.mode()) {
            case "off" -> "Two-factor authentication is off. Nobody is asked for a code, except in the console.";
            case "optional" -> "Two-factor authentication is optional. Those who set it up are asked for a code.";
            default ->
                "Two-factor authentication is required: " + view.text() + ". It covers " + view.covered()
                        + (view.covered() == 1 ? " person." : " people.");
        };
    }

    @Command(name = "show", description = "Show the policy.")
    static final class Show extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            View view = view(bench);
            return new Answer(view, sentence(view));
        }
    }

    @Command(
            name = "set",
            description = "Set the policy.",
            footer = {
                "",
                "Examples:",
                "  countersign policy set required --everyone",
                "  countersign policy set required --groups sales,support --people ada",
                "  countersign policy set optional"
            })
    static final class Change extends WorkCommand {
        @Parameters(paramLabel = "off|optional|required")
        private String mode = "";

        @Option(names = "--everyone", description = "Required for everyone.")
        private boolean everyone;

        @Option(names = "--groups", split = ",", paramLabel = "GROUP", description = "Required for these groups.")
        private List<String> groups = new ArrayList<>();

        @Option(names = "--people", split = ",", paramLabel = "USERNAME", description = "Required for these people.")
        private List<String> people = new ArrayList<>();

        @Option(
                names = "--reason",
                paramLabel = "TEXT",
                defaultValue = "",
                description = "Why; it stands in the history.")
        private String reason = "";

        @Override
        Answer work(Workbench bench) {
            Rules.Mode chosen = Stream.of(Rules.Mode.values())
                    .filter(candidate -> candidate.name().equalsIgnoreCase(mode))
                    .findFirst()
                    .orElseThrow(() -> Workbench.refused("'" + mode + "' is not off, optional or required."));
            long version =
                    bench.get(Policies.class).rules(bench.environmentId()).version();
            Rules rules = new Rules(chosen, scope(bench, chosen), version);
            bench.require(bench.get(SecurityAdministration.class)
                    .change(bench.operator(), rules, bench.environment().style(), reason, bench.now()));
            View view = view(bench);
            return new Answer(view, sentence(view));
        }

        private Rules.Scope scope(Workbench bench, Rules.Mode chosen) {
            boolean selected = !groups.isEmpty() || !people.isEmpty();
            if (chosen != Rules.Mode.REQUIRED) {
                if (selected || everyone) {
                    throw Workbench.refused("--everyone, --groups and --people go with 'required' only.");
                }
                return new Rules.Scope.Everyone();
            }
            if (everyone == selected) {
                throw Workbench.refused("Say for whom: either --everyone, or --groups and --people.");
            }
            if (everyone) {
                return new Rules.Scope.Everyone();
            }
            Set<GroupId> groupIds = new HashSet<>();
            groups.forEach(name -> groupIds.add(bench.group(name.strip()).id()));
            Set<AccountId> accountIds = new HashSet<>();
            people.forEach(name -> accountIds.add(bench.account(name.strip()).id()));
            return new Rules.Scope.Selected(groupIds, accountIds);
        }
    }

    @Command(
            name = "history",
            description = "List what the policy was, the newest first.",
            footer = {"", "Example:", "  countersign policy history --json"})
    static final class History extends WorkCommand {
        private static final int MOST = 100;

        /** A version as JSON. */
        record Line(long version, String policy, String style, String at, String by, String reason) {}

        @Override
        Answer work(Workbench bench) {
            Policies policies = bench.get(Policies.class);
            List<Line> lines = policies.versions(bench.environmentId(), MOST).stream()
                    .map(version -> new Line(
                            version.rules().version(),
                            policies.describe(bench.environmentId(), version.rules()),
                            version.style().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                            version.changedAt().toString(),
                            version.changedBy(),
                            version.reason()))
                    .toList();
            return new Answer(
                    lines,
                    Table.of(
                            List.of("VERSION", "AT", "BY", "POLICY", "REASON"),
                            lines.stream()
                                    .map(line -> List.of(
                                            Long.toString(line.version()),
                                            line.at(),
                                            line.by(),
                                            line.policy(),
                                            line.reason()))
                                    .toList()));
        }
    }

    @Command(
            name = "automatic-start",
            description = "Show, set or take back the requirement that starts some time after an event.",
            footer = {
                "",
                "Examples:",
                "  countersign policy automatic-start --event customer.paid --delay-hours 24 --everyone",
                "  countersign policy automatic-start --off"
            })
    static final class Start extends WorkCommand {
        @Option(
                names = "--event",
                paramLabel = "NAME",
                defaultValue = "",
                description = "The event that is waited for.")
        private String event = "";

        @Option(
                names = "--delay-hours",
                defaultValue = "24",
                description = "From the event to the start; 24 unless said.")
        private long delayHours = 24;

        @Option(names = "--everyone", description = "It will be required of everyone.")
        private boolean everyone;

        @Option(
                names = "--groups",
                split = ",",
                paramLabel = "GROUP",
                description = "It will be required of these groups.")
        private List<String> groups = new ArrayList<>();

        @Option(names = "--off", description = "Take it back.")
        private boolean off;

        @Override
        Answer work(Workbench bench) {
            SecurityAdministration security = bench.get(SecurityAdministration.class);
            if (off) {
                bench.require(security.disarmStart(bench.operator(), bench.now()));
            } else if (!event.isEmpty()) {
                if (everyone == !groups.isEmpty()) {
                    throw Workbench.refused("Say for whom: either --everyone or --groups.");
                }
                Set<GroupId> ids = new HashSet<>();
                groups.forEach(name -> ids.add(bench.group(name.strip()).id()));
                Rules.Scope scope = everyone ? new Rules.Scope.Everyone() : new Rules.Scope.Selected(ids, Set.of());
                bench.require(
                        security.armStart(bench.operator(), event, Duration.ofHours(delayHours), scope, bench.now()));
            }
            return shown(bench.get(Policies.class).automaticStart(bench.environmentId()));
        }
    }

    @Command(
            name = "event",
            description = "Say that an event has come.",
            footer = {"", "Example:", "  countersign policy event customer.paid"})
    static final class Event extends WorkCommand {
        @Parameters(paramLabel = "NAME")
        private String event = "";

        @Override
        Answer work(Workbench bench) {
            AutomaticStart start =
                    bench.require(bench.get(SecurityAdministration.class).event(bench.operator(), event, bench.now()));
            return shown(Optional.of(start));
        }
    }

    private static WorkCommand.Answer shown(Optional<AutomaticStart> start) {
        if (start.isEmpty()) {
            return new WorkCommand.Answer(Map.of(), "No automatic start is set.");
        }
        AutomaticStart set = start.get();
        String when = set.startsAt()
                .map(at -> "It starts at " + at + ".")
                .orElseGet(() -> "It starts " + set.delay().toHours() + " hours after the event " + set.event() + ".");
        return new WorkCommand.Answer(
                Map.of(
                        "event", set.event(),
                        "delayHours", set.delay().toHours(),
                        "startsAt", set.startsAt().map(Object::toString).orElse("")),
                when);
    }

    @Command(name = "exempt", description = "Exempt a person for some days.")
    static final class Exempt extends WorkCommand {
        private static final long MOST_DAYS = 366;

        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Option(names = "--days", required = true, description = "How long; every exemption ends.")
        private long days;

        @Option(names = "--reason", required = true, description = "Why; it is shown in the console.")
        private String reason = "";

        @Override
        Answer work(Workbench bench) {
            if (days < 1 || days > MOST_DAYS || !Exemption.isReason(reason)) {
                throw Workbench.refused("An exemption needs a reason of 1 to " + Exemption.LONGEST_REASON
                        + " characters, and 1 to " + MOST_DAYS + " days.");
            }
            Instant until = bench.now().plus(Duration.ofDays(days));
            bench.get(Policies.class)
                    .exempt(bench.account(username), reason, until, bench.actor(), bench.origin(), bench.now());
            return new Answer(
                    Map.of("username", username, "until", until.toString()),
                    username + " is exempt until " + until + ".");
        }
    }

    @Command(name = "end-exemption", description = "End a person's exemption.")
    static final class EndExemption extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            boolean ended = bench.get(Policies.class)
                    .endExemption(bench.account(username), bench.actor(), bench.origin(), bench.now());
            if (!ended) {
                throw Workbench.notFound("'" + username + "' is not exempt.");
            }
            return new Answer(Map.of("username", username), username + " is no longer exempt.");
        }
    }
}
