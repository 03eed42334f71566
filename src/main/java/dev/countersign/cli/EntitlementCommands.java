package dev.countersign.cli;

import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.entitlement.SignedEntitlement;
import dev.countersign.entitlement.Status;
import dev.countersign.entitlement.Verdict;
import dev.countersign.people.People;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code countersign entitlement ...}. */
@Command(
        name = "entitlement",
        description = "Set and show what an environment may switch on. Without one: everything.",
        mixinStandardHelpOptions = true,
        subcommands = {
            EntitlementCommands.Change.class,
            EntitlementCommands.Install.class,
            EntitlementCommands.Show.class,
            EntitlementCommands.Remove.class
        })
final class EntitlementCommands extends HelpByDefault {
    /** An entitlement as JSON. */
    record View(
            boolean limited,
            List<String> features,
            @Nullable Long seats,
            long seatsUsed,
            @Nullable Instant endsAt,
            @Nullable Instant expiredSince) {}

    private static WorkCommand.Answer answer(Workbench bench) {
        long used = bench.get(People.class).seats(bench.environmentId(), bench.now());
        Status status = bench.get(Entitlements.class).status(bench.environmentId(), used, bench.now());
        Entitlement agreed = status.entitlement();
        View view = new View(
                status.limited(),
                agreed.features().stream().map(Feature::wireName).sorted().toList(),
                agreed.seats().orElse(null),
                used,
                agreed.endsAt().orElse(null),
                status.expiredSince().orElse(null));
        return new WorkCommand.Answer(
                view,
                Table.of(
                        List.of(),
                        List.of(
                                List.of("Features", String.join(", ", view.features())),
                                List.of(
                                        "Seats",
                                        used + " used of "
                                                + agreed.seats()
                                                        .map(String::valueOf)
                                                        .orElse("any number")),
                                List.of(
                                        "End",
                                        agreed.endsAt().map(Instant::toString).orElse("none")
                                                + (status.expiredSince().isPresent()
                                                        ? " (passed: nothing is switched off, nothing more can be switched on)"
                                                        : "")))));
    }

    @Command(
            name = "set",
            description = "Set what an environment may switch on.",
            footer = {
                "",
                "Example: countersign entitlement set --environment acme --features required-mode,group-scope --seats 500"
                        + " --ends 2027-12-31"
            })
    static final class Change extends WorkCommand {
        @Option(
                names = "--features",
                required = true,
                split = ",",
                description = "required-mode, group-scope, automatic-start, mail, api, import; or 'all'.")
        private List<String> features = List.of();

        @Option(names = "--seats", description = "For how many people; any number unless given.")
        private @Nullable Long seats;

        @Option(names = "--ends", paramLabel = "DATE", description = "Last day, such as 2027-12-31; none unless given.")
        private @Nullable String ends;

        @Override
        Answer work(Workbench bench) {
            try {
                Entitlement wanted = new Entitlement(
                        features(),
                        Optional.ofNullable(seats),
                        Optional.ofNullable(ends).map(Change::end));
                bench.get(Entitlements.class)
                        .set(bench.environmentId(), wanted, bench.actor(), bench.origin(), bench.now());
            } catch (IllegalArgumentException e) {
                throw Workbench.refused(String.valueOf(e.getMessage()));
            }
            return answer(bench);
        }

        private Set<Feature> features() {
            if (features.equals(List.of("all"))) {
                return EnumSet.allOf(Feature.class);
            }
            return features.stream()
                    .map(name -> Feature.ofWireName(name)
                            .orElseThrow(() -> Workbench.refused("There is no feature '" + name + "'. Features: "
                                    + EnumSet.allOf(Feature.class).stream()
                                            .map(Feature::wireName)
                                            .collect(Collectors.joining(", "))
                                    + ".")))
                    .collect(Collectors.toSet());
        }

        /** The end of that day, UTC. */
        private static Instant end(String text) {
            try {
                return LocalDate.parse(text).plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
            } catch (DateTimeException e) {
                throw Workbench.refused("--ends must be a day such as 2027-12-31, not '" + text + "'.");
            }
        }
    }

    @Command(name = "install", description = "Install a file that the operator has signed (see operator-key).")
    static final class Install extends WorkCommand {
        @picocli.CommandLine.Parameters(paramLabel = "FILE")
        private Path file = Path.of("");

        @Override
        Answer work(Workbench bench) {
            Entitlements.Installed installed = bench.get(Entitlements.class)
                    .install(bench.environment(), read(), bench.actor(), bench.origin(), bench.now());
            return switch (installed) {
                case Entitlements.Installed.Done _ -> answer(bench);
                case Entitlements.Installed.Refused(SignedEntitlement.Problem problem) ->
                    throw Workbench.refused(explain(problem));
            };
        }

        private String read() {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw Workbench.notFound("Cannot read " + file + ".");
            }
        }

        private static String explain(SignedEntitlement.Problem problem) {
            return switch (problem) {
                case NO_OPERATOR_KEY -> "Set operator-key in the configuration first.";
                case NOT_SIGNED -> "The signature is not that of the operator-key in the configuration.";
                case UNREADABLE -> "The file does not say environment, features and issuedAt as they are expected.";
                case UNKNOWN_FEATURE -> "The file names a feature this version does not know.";
                case OTHER_ENVIRONMENT -> "The file is for another environment; name it with --environment.";
                case OLDER -> "A file that was issued later is installed already.";
            };
        }
    }

    @Command(name = "show", description = "Show what an environment may switch on.")
    static final class Show extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            return answer(bench);
        }
    }

    @Command(name = "remove", description = "Take every limit of an environment back.")
    static final class Remove extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            bench.get(Entitlements.class).remove(bench.environmentId(), bench.actor(), bench.origin(), bench.now());
            return answer(bench);
        }
    }

    /** Why something cannot be switched on. */
    static String explain(Verdict.Refused why) {
        return switch (why) {
            case Verdict.NotIncluded(Feature feature) ->
                "What is agreed with the operator does not include '" + feature.wireName() + "'.";
            case Verdict.Ended(Feature feature, Instant at) ->
                "What is agreed with the operator ended at " + at + ": '" + feature.wireName()
                        + "' cannot be switched on.";
            case Verdict.TooFewSeats(Feature feature, long seats, long needed) ->
                "'" + feature.wireName() + "' would need " + needed + " seats; " + seats + " are agreed.";
        };
    }
}
