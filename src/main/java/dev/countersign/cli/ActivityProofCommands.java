package dev.countersign.cli;

import dev.countersign.activity.LogCopy;
import dev.countersign.activity.LogFile;
import dev.countersign.activity.LogFinding;
import dev.countersign.activity.LogKeys;
import dev.countersign.activity.LogProof;
import dev.countersign.activity.LogReport;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.Ed25519PublicKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign activity verify} and {@code public-key}. */
final class ActivityProofCommands {
    private ActivityProofCommands() {}

    /** Compares the logs of these environments with their checkpoints, and with copies that were kept outside. */
    static List<LogReport> verify(
            Workbench bench,
            List<EnvironmentId> environments,
            Ed25519PublicKey key,
            Function<EnvironmentId, LogCopy> copies) {
        LogProof proof = bench.get(LogProof.class);
        return environments.stream()
                .map(id -> proof.verify(id, key, copies.apply(id), bench.now()))
                .toList();
    }

    @Command(
            name = "public-key",
            description = "Show the public key that the log is verified with.",
            footer = {"", "Examples:", "  countersign activity public-key > log-key.pem"})
    static final class PublicKey extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            Ed25519PublicKey key = bench.get(LogKeys.class).publicKey();
            return new Answer(
                    Map.of("keyId", key.id(), "publicKey", key.base64(), "pem", key.pem()),
                    "# " + key.id() + "\n" + key.pem().stripTrailing());
        }
    }

    @Command(
            name = "verify",
            description = {
                "Find entries of the log that were changed, removed, put in or moved.",
                "With FILE, what 'activity export --format proof' wrote: without installation, database or network.",
                "Without FILE, the log of this installation."
            },
            footer = {
                "",
                "Examples:",
                "  countersign activity verify --checkpoints /mnt/elsewhere/checkpoints.jsonl",
                "  countersign activity verify activity.proof --public-key log-key.pem"
            })
    static final class Verify extends AnsweringCommand {
        @Mixin
        private InstallationOptions installation = new InstallationOptions();

        @Option(
                names = "--environment",
                paramLabel = "NAME",
                description = "Only this environment; all unless named. A file has one.")
        private @Nullable String environment;

        @Option(
                names = "--public-key",
                paramLabel = "KEYFILE",
                description = "What 'activity public-key' printed, kept elsewhere.")
        private @Nullable Path keyFile;

        @Option(
                names = "--key-id",
                paramLabel = "ID",
                description = "Believe the key FILE names if it has this id of 32 digits.")
        private @Nullable String keyId;

        @Option(
                names = "--checkpoints",
                paramLabel = "COPY",
                description = "What the log sent outside: log-file, or a copy of it.")
        private @Nullable Path copy;

        @Parameters(arity = "0..1", paramLabel = "FILE", description = "A proof file.")
        private @Nullable Path file;

        @Override
        public Integer call() {
            List<LogReport> reports = file == null ? ofInstallation() : List.of(ofFile(file));
            say(new Answer(
                    Map.of(
                            "intact",
                            reports.stream().allMatch(LogReport::isIntact),
                            "logs",
                            reports.stream().map(Verify::view).toList()),
                    text(reports)));
            return reports.stream().allMatch(LogReport::isIntact)
                    ? CommandLine.ExitCode.OK
                    : StartFailure.Kind.LOG_ALTERED.exitCode();
        }

        private LogReport ofFile(Path proof) {
            if (!Files.isReadable(proof)) {
                throw Workbench.notFound("There is no file " + proof + " that can be read.");
            }
            try {
                LogFile opened = LogFile.open(proof)
                        .orElseThrow(() -> Workbench.refused(
                                proof + " is no proof file. Make one with: countersign activity export --format proof"
                                        + " FILE"));
                Ed25519PublicKey key = namedKey()
                        .or(() -> statedKey(opened))
                        .orElseThrow(() -> Workbench.refused(
                                "Say which key the log must be signed with: --public-key KEYFILE or --key-id ID."
                                        + " The installation prints it: countersign activity public-key"));
                return opened.verify(key, copyOf(opened.environment(), key));
            } catch (IOException e) {
                throw Workbench.refused("Cannot read " + proof + ": " + e.getMessage());
            }
        }

        private List<LogReport> ofInstallation() {
            try (Workbench bench = Workbench.open(
                    installation.settings(Map.of()),
                    Environment.DEFAULT_NAME,
                    program().parts())) {
                Ed25519PublicKey key =
                        namedKey().orElseGet(() -> bench.get(LogKeys.class).publicKey());
                return verify(bench, environments(bench), key, id -> copyOf(id.value(), key));
            }
        }

        private List<EnvironmentId> environments(Workbench bench) {
            List<Environment> all = bench.get(Environments.class).all();
            List<EnvironmentId> wanted = all.stream()
                    .filter(each -> environment == null || each.name().equals(environment))
                    .map(Environment::id)
                    .toList();
            if (wanted.isEmpty()) {
                throw Workbench.notFound(
                        "There is no environment '" + environment + "'. List them with: countersign environment list");
            }
            return wanted;
        }

        private Optional<Ed25519PublicKey> namedKey() {
            return Optional.ofNullable(keyFile).map(named -> {
                try {
                    String text =
                            Files.readString(named, StandardCharsets.US_ASCII).replaceAll("(?m)^#.*$", "");
                    return Ed25519PublicKey.parse(text)
                            .orElseThrow(() -> Workbench.refused(named
                                    + " holds no Ed25519 public key. 'countersign activity public-key' prints one."));
                } catch (IOException e) {
                    throw Workbench.refused("Cannot read " + named + ": " + e.getMessage());
                }
            });
        }

        private Optional<Ed25519PublicKey> statedKey(LogFile opened) {
            return opened.statedKey()
                    .filter(key -> keyId != null && key.id().equals(keyId.toLowerCase(java.util.Locale.ROOT)));
        }

        private LogCopy copyOf(String id, Ed25519PublicKey key) {
            if (copy == null) {
                return LogCopy.NONE;
            }
            try {
                return LogCopy.read(copy, id, key);
            } catch (IOException e) {
                throw Workbench.refused("Cannot read " + copy + ": " + e.getMessage());
            }
        }

        private static Map<String, Object> view(LogReport report) {
            return Map.of(
                    "environment", report.environment(),
                    "intact", report.isIntact(),
                    "entries", report.entries(),
                    "firstCheckpoint", report.firstCheckpoint(),
                    "lastCheckpoint", report.lastCheckpoint(),
                    "removedByRetention", report.removedByRetention(),
                    "sealedAt", report.sealedAt().map(Object::toString).orElse(""),
                    "unsealed", report.unsealed(),
                    "unprovable", report.unprovable(),
                    "findings", report.findings().stream().map(Verify::view).toList());
        }

        private static Map<String, Object> view(LogFinding finding) {
            Map<String, Object> view = new java.util.LinkedHashMap<>();
            view.put("kind", finding.kind().wireName());
            finding.entry().ifPresent(number -> view.put("entry", number));
            finding.checkpoint().ifPresent(number -> view.put("checkpoint", number));
            view.put("text", finding.text());
            return view;
        }

        private static String text(List<LogReport> reports) {
            List<String> lines = new ArrayList<>();
            for (LogReport report : reports) {
                report.findings().forEach(finding -> lines.add("NOT OK  " + sentence(finding)));
                lines.add((report.isIntact() ? "ok      " : "        ") + sentence(report));
            }
            return String.join(System.lineSeparator(), lines);
        }

        private static String sentence(LogFinding finding) {
            String what = finding.entry()
                    .map(number -> "entry " + number
                            + finding.checkpoint()
                                    .map(checkpoint -> " (checkpoint " + checkpoint + ")")
                                    .orElse(""))
                    .or(() -> finding.checkpoint().map(number -> "checkpoint " + number))
                    .orElse("log");
            return Table.printable(finding.kind().wireName() + ": environment " + finding.environment() + ", " + what
                    + ": " + finding.text());
        }

        private static String sentence(LogReport report) {
            StringBuilder text = new StringBuilder("environment " + Table.printable(report.environment()) + ": "
                    + report.entries() + " entries, checkpoints " + report.firstCheckpoint() + " to "
                    + report.lastCheckpoint());
            report.sealedAt().ifPresent(at -> text.append(", the last of ").append(at));
            if (report.unsealed() > 0) {
                text.append("; ").append(report.unsealed()).append(" entries not yet sealed");
                report.unsealedSince().ifPresent(since -> text.append(" since ").append(since));
            }
            if (report.removedByRetention() > 0) {
                text.append("; ")
                        .append(report.removedByRetention())
                        .append(" entries removed by retention, as signed");
            }
            if (report.unprovable() > 0) {
                text.append("; ").append(report.unprovable()).append(" entries whose checkpoint is gone");
            }
            return text.append('.').toString();
        }
    }
}
