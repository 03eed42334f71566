package dev.countersign.cli;

import dev.countersign.keys.KeyChanges;
import dev.countersign.keys.SealedValues;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code countersign keys ...}: the keys that seal what is secret in the database. */
@Command(
        name = "keys",
        description = "Show, add, change and retire the keys that seal secrets.",
        mixinStandardHelpOptions = true,
        subcommands = {
            KeyCommands.Status.class,
            KeyCommands.Add.class,
            KeyCommands.Rotate.class,
            KeyCommands.Retire.class
        })
final class KeyCommands extends HelpByDefault {
    @Command(name = "status", description = "Show the keys, since when, and how many values each has sealed.")
    static final class Status extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            KeyChanges.State state = bench.get(KeyChanges.class).state();
            List<Map<String, Object>> keys =
                    state.keys().stream().map(KeyCommands::data).toList();
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("keys", keys);
            data.put("sealedTheFormerWay", state.formerWay());
            data.put("notSealed", state.open());
            data.put("columns", state.columns());
            List<List<String>> rows =
                    state.keys().stream().map(KeyCommands::row).toList();
            String table = Table.of(List.of("Key", "Made", "In use since", "State", "Values", "Codes"), rows);
            String former = state.formerWay() + state.open() == 0
                    ? ""
                    : "\n" + (state.formerWay() + state.open())
                            + " values are not bound to their owner yet. Run: countersign keys rotate";
            return new Answer(data, table + former);
        }
    }

    private static Map<String, Object> data(KeyChanges.Kept kept) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("key", kept.key().id());
        data.put("madeAt", kept.key().madeAt().map(Instant::toString).orElse(""));
        data.put("inUseSince", kept.key().primarySince().map(Instant::toString).orElse(""));
        data.put("state", stateOf(kept));
        data.put("values", kept.values());
        data.put("codes", kept.hashes());
        data.put("servers", kept.sealingServers());
        return data;
    }

    private static List<String> row(KeyChanges.Kept kept) {
        return List.of(
                kept.key().id(),
                kept.key().madeAt().map(Instant::toString).orElse("by a former version"),
                kept.key().primarySince().map(Instant::toString).orElse(""),
                stateOf(kept),
                String.valueOf(kept.values()),
                String.valueOf(kept.hashes()));
    }

    private static String stateOf(KeyChanges.Kept kept) {
        if (kept.key().primary()) {
            return "in use";
        }
        return kept.key().seals() ? "opens" : "checks codes";
    }

    @Command(
            name = "add",
            description = "Add a key that seals nothing yet, so that its file can be copied to every node first.")
    static final class Add extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            String key = bench.get(KeyChanges.class).add(bench.actor(), bench.origin());
            return new Answer(
                    Map.of("key", key, "added", true),
                    "Added key " + key
                            + ". Where nodes have key files of their own, copy this one to each; running nodes"
                            + " read it within seconds. Then run: countersign keys rotate");
        }
    }

    @Command(
            name = "rotate",
            description =
                    "Seal everything with the newest key, or a new one, while servers run. Go on by running it again.")
    static final class Rotate extends WorkCommand {
        @Option(
                names = "--nodes-have-the-key",
                description = "Every node has the key file with the new key, also those that cannot be seen.")
        private boolean confirmed;

        @Option(
                names = "--wait",
                paramLabel = "SECONDS",
                defaultValue = "30",
                description = "How long running nodes may take to read the file; ${DEFAULT-VALUE} unless given.")
        private int seconds;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        Answer work(Workbench bench) {
            PrintWriter err = spec.commandLine().getErr();
            KeyChanges.Changed changed = bench.get(KeyChanges.class)
                    .rotate(
                            Duration.ofSeconds(Math.clamp(seconds, 0, 3_600)),
                            confirmed,
                            step -> show(err, step),
                            bench.actor(),
                            bench.origin());
            return switch (changed) {
                case KeyChanges.Changed.Rotated(String key, SealedValues.Walked walked, List<String> behind) ->
                    rotated(key, walked, behind);
                case KeyChanges.Changed.NotEverywhere(String key, List<String> without) ->
                    throw Workbench.refused(without.size() + " running nodes do not have key " + key
                            + " yet. Copy the key file to each and run this again. Nothing was sealed with the key.");
                default -> throw new IllegalStateException(changed.toString());
            };
        }

        private static void show(PrintWriter err, SealedValues.Progress step) {
            err.println(step.column() + ": " + step.sealedAnew() + " sealed anew"
                    + (step.unopened() == 0 ? "" : ", " + step.unopened() + " do not open"));
            err.flush();
        }

        private static Answer rotated(String key, SealedValues.Walked walked, List<String> behind) {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("key", key);
            data.put("sealedAnew", walked.changed());
            data.put("unopened", walked.unopened());
            data.put("nodesBehind", behind);
            StringBuilder text =
                    new StringBuilder("Key " + key + " is in use. " + walked.changed() + " values were sealed anew.");
            if (walked.unopenedCount() > 0) {
                text.append("\n")
                        .append(walked.unopenedCount())
                        .append(" values do not open and stay as they are: ")
                        .append(String.join(", ", walked.unopened()));
            }
            text.append(
                    behind.isEmpty()
                            ? "\nRetire the former key when nothing needs it any more: countersign keys status"
                            : "\n" + behind.size()
                                    + " nodes still seal with another key. Copy the key file to them, then"
                                    + " run this again.");
            return new Answer(data, text.toString());
        }
    }

    @Command(name = "retire", description = "Remove a key nothing is sealed with any more.")
    static final class Retire extends WorkCommand {
        @Parameters(paramLabel = "KEY", description = "Its eight digits, from: countersign keys status")
        private String key = "";

        @Override
        Answer work(Workbench bench) {
            return switch (bench.get(KeyChanges.class).retire(key, bench.actor(), bench.origin())) {
                case KeyChanges.Changed.Retired(String id, long hashes) -> retired(id, hashes);
                case KeyChanges.Changed.NoSuchKey() ->
                    throw Workbench.notFound("There is no key '" + key + "'. List them with: countersign keys status");
                case KeyChanges.Changed.IsPrimary() ->
                    throw Workbench.refused("Key " + key + " is in use. Run first: countersign keys rotate");
                case KeyChanges.Changed.StillNeeded(long many, List<String> servers) ->
                    throw Workbench.refused(
                            servers.isEmpty()
                                    ? many + " values are sealed with key " + key
                                            + ". Run first: countersign keys rotate"
                                    : servers.size() + " nodes still seal with key " + key
                                            + ". Copy the key file to them first.");
                case KeyChanges.Changed.Rotated _, KeyChanges.Changed.NotEverywhere _ ->
                    throw new IllegalStateException(key);
            };
        }

        private static Answer retired(String id, long hashes) {
            Optional<String> stays = hashes == 0
                    ? Optional.empty()
                    : Optional.of(" It stays in the file to check codes that were issued before, and opens nothing."
                            + " Run this again later; a day after a rotation at the earliest.");
            return new Answer(
                    Map.of("key", id, "retired", true, "staysForCodes", hashes > 0),
                    "Retired key " + id + "." + stays.orElse("")
                            + " Copy the key file to the other nodes. Backups made before need the file of their time.");
        }
    }
}
