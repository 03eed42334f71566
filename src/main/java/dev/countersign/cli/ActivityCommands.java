package dev.countersign.cli;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityExport;
import dev.countersign.activity.ActivityFilter;
import dev.countersign.activity.ActivitySettings;
import dev.countersign.activity.LogProof;
import dev.countersign.activity.Retention;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign activity ...}. */
@Command(
        name = "activity",
        description = "Read the activity log.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ActivityCommands.ListAll.class,
            ActivityCommands.Export.class,
            ActivityCommands.Keep.class,
            ActivityProofCommands.Verify.class,
            ActivityProofCommands.PublicKey.class
        })
final class ActivityCommands extends HelpByDefault {
    /** Which entries. */
    static final class Filter {
        @Option(names = "--account", paramLabel = "USERNAME", description = "Only entries about this account.")
        private @Nullable String account;

        @Option(names = "--actor", paramLabel = "NAME", description = "Only what this actor did.")
        private @Nullable String actor;

        @Option(names = "--kind", description = "Only this kind, such as sign-in-refused.")
        private @Nullable String kind;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "From this time on: 2026-03-31 or 2026-03-31T08:00:00Z.")
        private @Nullable String from;

        @Option(names = "--to", paramLabel = "TIME", description = "Before this time; a day counts as a whole.")
        private @Nullable String to;

        @Option(names = "--address", description = "Only from this address.")
        private @Nullable String address;

        ActivityFilter read(Workbench bench) {
            return new ActivityFilter(
                    Optional.ofNullable(account).map(name -> bench.account(name).id()),
                    Optional.ofNullable(actor),
                    Optional.ofNullable(kind),
                    Optional.ofNullable(from).map(text -> moment(text, 0)),
                    Optional.ofNullable(to).map(text -> moment(text, 1)),
                    Optional.ofNullable(address));
        }

        private static Instant moment(String typed, int addedDays) {
            try {
                return typed.length() == 10
                        ? LocalDate.parse(typed)
                                .plusDays(addedDays)
                                .atStartOfDay(ZoneOffset.UTC)
                                .toInstant()
                        : Instant.parse(typed);
            } catch (DateTimeParseException e) {
                throw Workbench.refused(
                        "'" + typed + "' is not a time. It looks like 2026-03-31 or 2026-03-31T08:00:00Z.");
            }
        }
    }

    /** Looks each name up once. */
    private static Function<AccountId, String> names(Workbench bench) {
        Map<AccountId, String> known = new HashMap<>();
        return id -> known.computeIfAbsent(
                id,
                account -> bench.get(Accounts.class)
                        .find(account)
                        .map(Account::username)
                        .orElse(""));
    }

    @Command(
            name = "list",
            description = "List the newest entries, newest first.",
            footer = {
                "",
                "Examples:",
                "  countersign activity list --account ada --from 2026-03-01",
                "  countersign activity list --kind sign-in-refused --address 192.0.2.7 --json"
            })
    static final class ListAll extends WorkCommand {
        @Option(names = "--limit", defaultValue = "50", description = "How many at most (default 50).")
        private int limit = 50;

        @Mixin
        private Filter filter = new Filter();

        @Override
        Answer work(Workbench bench) {
            int bounded = Math.clamp(limit, 1, 100_000);
            List<ActivityEntry> entries =
                    bench.activity().before(bench.environmentId(), filter.read(bench), Long.MAX_VALUE, bounded);
            Function<AccountId, String> names = names(bench);
            return new Answer(
                    entries.stream()
                            .map(entry -> ActivityExport.view(entry, names))
                            .toList(),
                    Table.of(
                            List.of("TIME", "EVENT", "BY", "FROM", "DETAILS"),
                            entries.stream().map(ListAll::cells).toList()));
        }

        private static List<String> cells(ActivityEntry entry) {
            String times = entry.repeats() == 1 ? "" : " (" + entry.repeats() + " times)";
            return List.of(
                    entry.at().toString(),
                    entry.kind() + times,
                    entry.actorName(),
                    entry.origin().door() + " " + entry.origin().address(),
                    entry.details());
        }
    }

    @Command(
            name = "export",
            description = "Write entries to a file, oldest first.",
            footer = {
                "",
                "Examples:",
                "  countersign activity export --format jsonl activity.jsonl",
                "  countersign activity export --format proof activity.proof",
                "  countersign activity export --from 2026-03-01 --to 2026-03-31 march.csv"
            })
    static final class Export extends WorkCommand {
        @Option(
                names = "--format",
                paramLabel = "csv|jsonl|proof",
                defaultValue = "csv",
                description = "csv or jsonl (default csv); proof is the whole log with its signed checkpoints.")
        private String format = "csv";

        @Mixin
        private Filter filter = new Filter();

        @Parameters(paramLabel = "FILE", description = "A file that does not exist yet.")
        private Path file = Path.of("entries.csv");

        @Override
        Answer work(Workbench bench) {
            ActivityFilter wanted = filter.read(bench);
            if (format.equals("proof")) {
                return proof(bench, wanted);
            }
            ActivityExport.Format chosen = ActivityExport.Format.ofWireName(format)
                    .orElseThrow(() -> Workbench.refused("--format is csv or jsonl, or proof."));
            AtomicLong count = new AtomicLong();
            write(out -> {
                Consumer<ActivityEntry> writer = ActivityExport.to(out, chosen, names(bench));
                bench.activity().forEach(bench.environmentId(), wanted, writer.andThen(_ -> count.incrementAndGet()));
            });
            return new Answer(
                    Map.of("file", file.toString(), "entries", count.get()), count.get() + " entries in " + file + ".");
        }

        private Answer proof(Workbench bench, ActivityFilter wanted) {
            if (!wanted.equals(ActivityFilter.ALL)) {
                throw Workbench.refused("A proof is of the whole log: leave the filters out.");
            }
            AtomicReference<LogProof.@Nullable Exported> written = new AtomicReference<>();
            write(out -> written.set(bench.get(LogProof.class)
                    .export(bench.environmentId(), bench.environment().name(), out, bench.now())));
            LogProof.Exported exported = Objects.requireNonNull(written.get(), "it was written");
            return new Answer(
                    Map.of(
                            "file",
                            file.toString(),
                            "entries",
                            exported.entries(),
                            "checkpoints",
                            exported.checkpoints()),
                    exported.entries() + " entries and " + exported.checkpoints() + " checkpoints in " + file + ".");
        }

        /** Something that writes lines. */
        private interface Writing {
            void to(Writer out) throws IOException, LogProof.Disturbed;
        }

        private void write(Writing writing) {
            try (Writer out = new BufferedWriter(
                    Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW))) {
                writing.to(out);
            } catch (java.nio.file.FileAlreadyExistsException e) {
                throw Workbench.refused(file + " exists. Name a new file.");
            } catch (LogProof.Disturbed e) {
                throw Workbench.refused("Entries were removed or counts sealed while " + file
                        + " was written. Delete it and try again.");
            } catch (IOException e) {
                throw Workbench.refused("Cannot write " + file + ": " + e.getMessage());
            }
        }
    }

    @Command(
            name = "keep",
            description = "Show or set how long entries are kept.",
            footer = {"", "Examples:", "  countersign activity keep", "  countersign activity keep --days 730"})
    static final class Keep extends WorkCommand {
        @Option(names = "--days", description = "Days, from 30 to 36500; 0 is for ever.")
        private @Nullable Integer days;

        @Override
        Answer work(Workbench bench) {
            Retention retention = bench.get(Retention.class);
            if (days != null) {
                if (!ActivitySettings.isAllowed(days)) {
                    throw Workbench.refused("--days is from 30 to 36500, or 0 for ever.");
                }
                retention.change(
                        bench.environmentId(),
                        ActivitySettings.ofDays(days),
                        bench.actor(),
                        bench.origin(),
                        bench.now());
            }
            int kept = retention.settings(bench.environmentId()).days();
            return new Answer(
                    Map.of("days", kept),
                    kept == 0 ? "Entries are kept for ever." : "Entries are kept " + kept + " days.");
        }
    }
}
