package dev.countersign.cli;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.kernel.AccountId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code countersign activity ...}. */
@Command(
        name = "activity",
        description = "Read the activity log.",
        mixinStandardHelpOptions = true,
        subcommands = ActivityCommands.ListAll.class)
final class ActivityCommands extends HelpByDefault {
    /** An entry as JSON. */
    record View(
            long sequence,
            Instant at,
            String kind,
            @Nullable String account,
            String actor,
            String door,
            String address,
            String requestId,
            JsonNode details) {}

    @Command(name = "list", description = "List the newest entries, newest first.")
    static final class ListAll extends WorkCommand {
        private static final JsonMapper JSON = JsonMapper.builder().build();

        @Option(names = "--limit", defaultValue = "50", description = "How many at most (default 50).")
        private int limit = 50;

        @Option(names = "--account", paramLabel = "USERNAME", description = "Only entries about this account.")
        private @Nullable String username;

        @Override
        Answer work(Workbench bench) {
            int bounded = Math.clamp(limit, 1, 100_000);
            List<ActivityEntry> entries = username == null
                    ? bench.activity().newest(bench.environmentId(), bounded)
                    : bench.activity().newestOf(bench.account(username).id(), bounded);
            List<View> views = entries.stream().map(ListAll::view).toList();
            return new Answer(
                    views,
                    Table.of(
                            List.of("TIME", "EVENT", "BY", "FROM", "DETAILS"),
                            entries.stream()
                                    .map(entry -> List.of(
                                            entry.at().toString(),
                                            entry.kind(),
                                            entry.actorName(),
                                            entry.origin().door() + " "
                                                    + entry.origin().address(),
                                            entry.details()))
                                    .toList()));
        }

        private static View view(ActivityEntry entry) {
            return new View(
                    entry.sequence(),
                    entry.at(),
                    entry.kind(),
                    entry.account().map(AccountId::value).orElse(null),
                    entry.actorName(),
                    entry.origin().door(),
                    entry.origin().address(),
                    entry.origin().requestId(),
                    JSON.readTree(entry.details()));
        }
    }
}
