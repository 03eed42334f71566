package dev.countersign.cli;

import dev.countersign.kernel.StartFailure;
import dev.countersign.moving.Counts;
import dev.countersign.moving.GroupFile;
import dev.countersign.moving.MovingIn;
import dev.countersign.moving.MovingOut;
import dev.countersign.moving.Verdict;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Import and export of people and groups. */
final class MovingCommands {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private MovingCommands() {}

    private record FileSource(Path path) implements MovingIn.Source {
        @Override
        public String name() {
            return String.valueOf(path.getFileName());
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(path);
        }
    }

    private static FileSource source(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw Workbench.notFound("Cannot read " + file + ".");
        }
        return new FileSource(file);
    }

    /** Shows how far a long import has come, ten times a minute at most by lines, on standard error. */
    private static final class Progress {
        private static final long EVERY = 10_000;

        private final PrintWriter err;
        private long shown;

        Progress(CommandSpec spec) {
            this.err = spec.commandLine().getErr();
        }

        void show(Counts counts) {
            if (counts.all() - shown >= EVERY) {
                shown = counts.all();
                err.println(text(counts));
                err.flush();
            }
        }
    }

    private static String text(Counts counts) {
        return counts.created() + " created, " + counts.changed() + " changed, " + counts.unchanged() + " unchanged, "
                + counts.refused() + " refused";
    }

    /** A verdict as one line of JSON. */
    private static Map<String, Object> view(Verdict verdict) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("line", verdict.line());
        view.put("username", verdict.username());
        switch (verdict) {
            case Verdict.Created _ -> view.put("result", "created");
            case Verdict.Changed changed -> {
                view.put("result", "changed");
                view.put("fields", changed.what());
            }
            case Verdict.Unchanged _ -> view.put("result", "unchanged");
            case Verdict.Refused refused -> {
                view.put("result", "refused");
                view.put("reason", refused.reason().english());
                view.put("code", refused.reason().wireName());
            }
        }
        return view;
    }

    private static String sentence(Verdict verdict) {
        return "line " + verdict.line() + ": "
                + switch (verdict) {
                    case Verdict.Created created -> "create " + created.username();
                    case Verdict.Changed changed -> "change " + changed.username() + " (" + changed.what() + ")";
                    case Verdict.Unchanged unchanged -> "leave " + unchanged.username() + " as it is";
                    case Verdict.Refused refused ->
                        "refuse " + (refused.username().isEmpty() ? "the line" : refused.username()) + ": "
                                + refused.reason().english();
                };
    }

    private static WorkCommand.Answer answer(
            boolean dryRun, Counts counts, Optional<String> broken, List<Verdict> lines, Map<String, Object> more) {
        Map<String, Object> data = new LinkedHashMap<>(more);
        data.put("dryRun", dryRun);
        data.put("created", counts.created());
        data.put("changed", counts.changed());
        data.put("unchanged", counts.unchanged());
        data.put("refused", counts.refused());
        broken.ifPresent(reason -> data.put("stoppedAt", reason));
        data.put("lines", lines.stream().map(MovingCommands::view).toList());
        List<String> text = new ArrayList<>();
        lines.stream()
                .filter(verdict -> dryRun || verdict instanceof Verdict.Refused)
                .map(MovingCommands::sentence)
                .map(Table::printable)
                .forEach(text::add);
        text.add((dryRun ? "Nothing was changed. It would be: " : "") + text(counts) + ".");
        broken.ifPresent(reason -> text.add("The rest of the file was not read. " + Table.printable(reason)));
        return new WorkCommand.Answer(data, String.join(System.lineSeparator(), text));
    }

    @Command(
            name = "import",
            description = "Bring people from a file: JSON lines, CSV, or a realm exported by Keycloak.",
            footer = {
                "",
                "Examples:",
                "  countersign account import people.jsonl --dry-run",
                "  countersign account import people.csv --report refused.jsonl",
                "  countersign account import realm-export.json",
                "An import that was interrupted goes on where it stopped when it is started again."
            })
    static final class ImportPeople extends WorkCommand {
        @Parameters(paramLabel = "FILE", description = "The file to read.")
        private Path file = Path.of("");

        @Option(
                names = "--format",
                paramLabel = "jsonl|csv|keycloak",
                description = "What the file is; else its name says it: .jsonl, .csv, .json (Keycloak).")
        private @Nullable String format;

        @Option(names = "--dry-run", description = "Only say what would change.")
        private boolean dryRun;

        @Option(names = "--allow-roles", description = "Take over roles, and members of groups that give roles.")
        private boolean allowRoles;

        @Option(
                names = "--replace-factors",
                description = "Replace passwords and apps of accounts that have some by those of the file.")
        private boolean replaceFactors;

        @Option(
                names = "--report",
                paramLabel = "FILE",
                description = "Write refused lines to this file, as JSON lines.")
        private @Nullable Path report;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        Answer work(Workbench bench) {
            MovingIn.Options options = new MovingIn.Options(format(), dryRun, allowRoles, replaceFactors);
            try {
                MovingIn.Result result = bench.get(MovingIn.class)
                        .run(bench.operator(), source(file), options, bench.now(), new Progress(spec)::show);
                return switch (result) {
                    case MovingIn.Result.Done done -> finish(bench, done);
                    case MovingIn.Result.Refused(var why) -> throw Workbench.refused(Texts.of(why.messageKey()));
                    case MovingIn.Result.Elsewhere() ->
                        throw Workbench.refused("This file is being imported by another process at this moment.");
                };
            } catch (IOException e) {
                throw new StartFailure(StartFailure.Kind.NOT_FOUND, "Cannot read or write: " + e.getMessage(), e);
            }
        }

        private MovingIn.Format format() {
            if (format == null) {
                return MovingIn.Format.ofFileName(String.valueOf(file.getFileName()))
                        .orElseThrow(() ->
                                Workbench.refused("Say with --format what " + file + " is: jsonl, csv or keycloak."));
            }
            try {
                return MovingIn.Format.valueOf(format.toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException e) {
                throw Workbench.refused("'" + format + "' is not jsonl, csv or keycloak.");
            }
        }

        private Answer finish(Workbench bench, MovingIn.Result.Done done) throws IOException {
            if (report != null) {
                writeReport(bench, report, done);
            }
            Map<String, Object> more = new LinkedHashMap<>();
            done.run().ifPresent(run -> more.put("run", run));
            more.put("resumedAfter", done.resumedAfter());
            return answer(dryRun, done.counts(), done.broken(), done.examples(), more);
        }

        /** In a preview the first hundred; after an import every one, also those of an earlier, interrupted try. */
        private static void writeReport(Workbench bench, Path report, MovingIn.Result.Done done) throws IOException {
            try (Writer out = Files.newBufferedWriter(report)) {
                if (done.run().isEmpty()) {
                    for (Verdict verdict : done.examples()) {
                        if (verdict instanceof Verdict.Refused) {
                            out.write(JSON.writeValueAsString(view(verdict)) + "\n");
                        }
                    }
                    return;
                }
                long after = 0;
                List<MovingIn.NumberedRefusal> page = page(bench, done, after);
                while (!page.isEmpty()) {
                    for (MovingIn.NumberedRefusal refused : page) {
                        out.write(JSON.writeValueAsString(view(refused.refusal())) + "\n");
                    }
                    after = page.getLast().number();
                    page = page(bench, done, after);
                }
            }
        }

        private static List<MovingIn.NumberedRefusal> page(Workbench bench, MovingIn.Result.Done done, long after) {
            return bench.get(MovingIn.class)
                    .refusals(bench.environmentId(), done.run().orElseThrow(), after, 1_000);
        }
    }

    /** A command whose answer is a file, on standard output unless told otherwise. */
    private abstract static class Export extends WorkCommand {
        @Option(names = "--output", paramLabel = "FILE", description = "Write to this file instead of standard output.")
        private @Nullable Path output;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        abstract Optional<Long> write(Workbench bench, Writer to) throws IOException;

        @Override
        Answer work(Workbench bench) {
            try {
                long rows = output == null ? toTerminal(bench) : toFile(bench, output);
                return new Answer(
                        Map.of("rows", rows), output == null ? "" : "Wrote " + rows + " rows to " + output + ".");
            } catch (IOException e) {
                throw new StartFailure(StartFailure.Kind.DIRECTORY_NOT_WRITABLE, "Cannot write: " + e.getMessage(), e);
            }
        }

        @Override
        boolean printsItself() {
            return output == null;
        }

        private long toTerminal(Workbench bench) throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            long rows = write(bench, out).orElseThrow();
            out.flush();
            return rows;
        }

        private long toFile(Workbench bench, Path file) throws IOException {
            try (Writer out =
                    new BufferedWriter(new OutputStreamWriter(Files.newOutputStream(file), StandardCharsets.UTF_8))) {
                return write(bench, out).orElseThrow();
            }
        }
    }

    @Command(
            name = "export",
            description = "Write all people to a file, without passwords and other secrets.",
            footer = {
                "",
                "Examples:",
                "  countersign account export > people.jsonl",
                "  countersign account export --format csv --output people.csv"
            })
    static final class ExportPeople extends Export {
        @Option(
                names = "--format",
                paramLabel = "jsonl|csv",
                defaultValue = "jsonl",
                description = "jsonl (default) or csv.")
        private String format = "jsonl";

        @Override
        Optional<Long> write(Workbench bench, Writer to) throws IOException {
            MovingOut.Format chosen = switch (format.toLowerCase(Locale.ROOT)) {
                case "jsonl" -> MovingOut.Format.JSONL;
                case "csv" -> MovingOut.Format.CSV;
                default -> throw Workbench.refused("'" + format + "' is not jsonl or csv.");
            };
            return bench.get(MovingOut.class).people(bench.operator(), chosen, to, bench.now());
        }
    }

    @Command(
            name = "export",
            description = "Write all groups with who and what is in them to a CSV file.",
            footer = {"", "Examples:", "  countersign group export --output groups.csv"})
    static final class ExportGroups extends Export {
        @Override
        Optional<Long> write(Workbench bench, Writer to) throws IOException {
            return bench.get(MovingOut.class).groups(bench.operator(), to, bench.now());
        }
    }

    @Command(
            name = "import",
            description = "Add groups and members from a CSV file with the columns group, member, nested.",
            footer = {
                "",
                "Examples:",
                "  countersign group import groups.csv --dry-run",
                "  countersign group import groups.csv"
            })
    static final class ImportGroups extends WorkCommand {
        @Parameters(paramLabel = "FILE", description = "The file to read.")
        private Path file = Path.of("");

        @Option(names = "--dry-run", description = "Only say what would change.")
        private boolean dryRun;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        Answer work(Workbench bench) {
            try {
                GroupFile.Result result = bench.get(GroupFile.class)
                        .run(bench.operator(), source(file), dryRun, bench.now(), new Progress(spec)::show);
                return switch (result) {
                    case GroupFile.Result.Done(Counts counts, var _, Optional<String> broken, List<Verdict> lines) ->
                        answer(dryRun, counts, broken, lines, Map.of());
                    case GroupFile.Result.Refused(var why) -> throw Workbench.refused(Texts.of(why.messageKey()));
                };
            } catch (IOException e) {
                throw Workbench.notFound("Cannot read " + file + ": " + e.getMessage());
            }
        }
    }
}
