package dev.countersign.cli;

import dev.countersign.activity.LogCopy;
import dev.countersign.activity.LogKeys;
import dev.countersign.activity.LogReport;
import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Installation;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.StartFailure;
import dev.countersign.safekeeping.Backup;
import dev.countersign.safekeeping.BackupFile;
import dev.countersign.safekeeping.BackupHeader;
import dev.countersign.safekeeping.Move;
import dev.countersign.safekeeping.Moved;
import dev.countersign.safekeeping.Restore;
import dev.countersign.safekeeping.Restored;
import dev.countersign.vault.Ed25519PublicKey;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Backup, restore, and the move to PostgreSQL. */
final class SafekeepingCommands {
    private SafekeepingCommands() {}

    /** Where the passphrase of a backup comes from. */
    static final class Passphrase {
        @Option(
                names = "--passphrase-file",
                paramLabel = "FILE",
                description =
                        "The passphrase is the first line of this file, or of standard input for -; else it is asked for.")
        private @Nullable String file;

        SecretText chosen() {
            return Secrets.passphrase(file, true);
        }

        SecretText known() {
            return Secrets.passphrase(file, false);
        }
    }

    /** What copies a whole installation says how far it is. */
    abstract static class CopyingCommand extends AnsweringCommand {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        final CommandLine commandLine() {
            return spec.commandLine();
        }

        /** @param done what has become of a row: copied, written and so on */
        final CopyProgress progress(String done) {
            return new CopyProgress(commandLine().getErr(), program().clock(), done);
        }
    }

    private static Map<String, Object> view(BackupHeader header) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("backup", header.id());
        view.put("installation", header.installation());
        view.put("at", header.at().toString());
        view.put("schema", header.schema());
        return view;
    }

    private static String size(long bytes) {
        return bytes < 10_000_000
                ? String.format(Locale.ROOT, "%,d KB", Math.max(1, bytes / 1_000))
                : String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
    }

    @Command(
            name = "backup",
            description = "Write the whole installation, with its keys, encrypted to one file. The server may run.",
            subcommands = VerifyBackup.class,
            footer = {
                "",
                "Examples:",
                "  countersign backup /backup/countersign-monday.backup",
                "  countersign backup /backup/countersign.backup --passphrase-file /etc/countersign/backup-passphrase"
            })
    static final class MakeBackup extends CopyingCommand {
        @Mixin
        private InstallationOptions installation = new InstallationOptions();

        @Mixin
        private Passphrase passphrase = new Passphrase();

        @Parameters(paramLabel = "FILE", arity = "0..1", description = "The file to write; it must not exist.")
        private @Nullable Path file;

        @Override
        public Integer call() {
            Path to = file;
            if (to == null) {
                throw new CommandLine.ParameterException(commandLine(), "Name the file to write.");
            }
            Program.Parts parts = program().parts();
            Settings settings = installation.settings(Map.of());
            Installation.requireExisting(settings);
            Backup.Written written = Backup.write(
                    settings,
                    to,
                    passphrase.chosen(),
                    new Randomness(),
                    parts.clock().instant(),
                    progress("written"));
            try (Workbench bench = Workbench.open(settings, Environment.DEFAULT_NAME, parts)) {
                bench.get(Moved.class).noteBackup(written.header(), bench.actor(), bench.origin(), bench.now());
            }
            Map<String, Object> data = view(written.header());
            data.put("file", to.toString());
            data.put("bytes", written.bytes());
            say(new Answer(
                    data,
                    "Wrote " + to + ", " + size(written.bytes()) + ".\nCheck it with: countersign backup verify " + to
                            + "\nWithout the passphrase nobody can open it, you included."));
            return CommandLine.ExitCode.OK;
        }
    }

    @Command(
            name = "verify",
            description = "Read a backup to its end and say whether it is whole. Nothing is changed.",
            footer = {"", "Examples:", "  countersign backup verify /backup/countersign-monday.backup"})
    static final class VerifyBackup extends CopyingCommand {
        @Mixin
        private Passphrase passphrase = new Passphrase();

        @Parameters(paramLabel = "FILE", description = "The backup to read.")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            BackupFile backup = open(file, passphrase);
            BackupFile.Verified verified = backup.verify(progress("read"));
            Map<String, Object> data = view(verified.header());
            data.put("tables", verified.tables());
            data.put("rows", verified.rows());
            say(new Answer(
                    data,
                    String.format(
                            Locale.ROOT,
                            "%s is whole: made %s, schema version %d, %d tables, %,d rows, and the key file.",
                            file,
                            verified.header().at(),
                            verified.header().schema(),
                            verified.tables(),
                            verified.rows())));
            return CommandLine.ExitCode.OK;
        }
    }

    private static BackupFile open(Path file, Passphrase passphrase) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw Workbench.notFound("Cannot read " + file + ".");
        }
        return BackupFile.open(file, passphrase.known());
    }

    /** What a restore cannot know: it happened after the backup. */
    private static final List<String> LOST = List.of(
            "What happened after the backup is lost, and has to be done again where it matters:",
            "  passwords changed and blocked since, as the former ones open again",
            "  apps and phones removed or reset since, as they are registered again",
            "  people disabled or deleted, and roles and group members taken away since",
            "  API keys revoked since (countersign api-key list; all of them: restore with --revoke-api-keys)",
            "  changes of rules, mail server and other settings since",
            "Everyone signs in again and confirms a new recovery code; codes of apps work again within a minute.");

    @Command(
            name = "restore",
            description = "Make an installation from a backup. Nothing that was used before works again afterwards.",
            footer = {
                "",
                "Examples:",
                "  countersign restore /backup/countersign-monday.backup --data /var/lib/countersign"
            })
    static final class RestoreBackup extends CopyingCommand {
        @Mixin
        private InstallationOptions installation = new InstallationOptions();

        @Mixin
        private Passphrase passphrase = new Passphrase();

        @Parameters(paramLabel = "FILE", description = "The backup to restore.")
        private Path file = Path.of("");

        @Option(
                names = "--replace",
                description = "Also where an installation is already: what it holds is lost. Its servers are stopped.")
        private boolean replace;

        @Option(
                names = "--revoke-api-keys",
                description = "Revoke every API key, as some may have been since the backup.")
        private boolean revokeApiKeys;

        @Override
        public Integer call() {
            Program.Parts parts = program().parts();
            Settings settings = installation.settings(Map.of());
            BackupFile backup = open(file, passphrase);
            CopyProgress reading = progress("checked");
            try (Restore restore = Restore.begin(settings, backup, replace, reading)) {
                Restored.Ended ended;
                CopyProgress writing = progress("restored");
                try (Workbench bench = Workbench.over(restore.build(writing), settings, parts)) {
                    ended = bench.get(Restored.class)
                            .finish(
                                    new Randomness().identifier(),
                                    backup.header(),
                                    revokeApiKeys,
                                    bench.actor(),
                                    bench.origin(),
                                    bench.now());
                }
                restore.finish();
                say(answer(settings, backup.header(), ended));
            }
            return CommandLine.ExitCode.OK;
        }

        private static Answer answer(Settings settings, BackupHeader header, Restored.Ended ended) {
            Map<String, Object> data = view(header);
            data.put("sessionsEnded", ended.sessions());
            data.put("recoveryCodesEnded", ended.recoveryCodes());
            data.put("apiKeysRevoked", ended.apiKeys());
            return new Answer(
                    data,
                    "Restored the installation of " + header.at() + " to "
                            + (settings.postgresql().isPresent() ? "the database at database-url" : settings.data())
                            + ". Its key file is " + settings.keyFile() + ".\n\n" + String.join("\n", LOST));
        }
    }

    @Command(
            name = "move-to-postgresql",
            description = "Copy an embedded installation, whose server is stopped, to an empty PostgreSQL database.",
            footer = {
                "",
                "Examples:",
                "  countersign move-to-postgresql --data /var/lib/countersign --url jdbc:postgresql://db.example.org/countersign"
                        + " --user countersign --password-file /etc/countersign/database-password"
            })
    static final class MoveToPostgresql extends CopyingCommand {
        @Mixin
        private InstallationOptions installation = new InstallationOptions();

        @Option(names = "--url", paramLabel = "URL", description = "Where to; else database-url of the configuration.")
        private @Nullable String url;

        @Option(names = "--user", paramLabel = "NAME", description = "As whom; else database-user.")
        private @Nullable String user;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = "The password of that user; else database-password-file.")
        private @Nullable Path passwordFile;

        @Option(names = "--anew", description = "Drop what an earlier move has copied, and begin at the beginning.")
        private boolean anew;

        @Option(
                names = "--even-if-log-altered",
                description = "Move although the log is not what its checkpoints say; 'activity verify' says where.")
        private boolean evenIfLogAltered;

        @Override
        public Integer call() {
            Program.Parts parts = program().parts();
            Settings settings = installation.settings(Map.of());
            Settings.Postgresql there = there(settings);
            Instant begun = parts.clock().instant();
            try (Move move = Move.begin(settings, there)) {
                Move.Copied copied = move.copy(anew, progress("copied"));
                move.verify(progress("compared"));
                try (Workbench bench = Workbench.over(move.open(), settings, parts)) {
                    if (!evenIfLogAltered) {
                        requireIntactLog(bench);
                    }
                    bench.get(Moved.class).finish(copied.rows(), bench.actor(), bench.origin(), bench.now());
                }
                say(answer(settings, there, copied, begun, parts.clock().instant()));
            }
            return CommandLine.ExitCode.OK;
        }

        /** The copy of the log is verified as a stranger would: entry by entry, against the signed checkpoints. */
        private static void requireIntactLog(Workbench bench) {
            Map<String, String> names = bench.get(Environments.class).all().stream()
                    .collect(Collectors.toMap(each -> each.id().value(), Environment::name));
            List<EnvironmentId> all =
                    names.keySet().stream().map(EnvironmentId::new).toList();
            Ed25519PublicKey key = bench.get(LogKeys.class).publicKey();
            for (LogReport report : ActivityProofCommands.verify(bench, all, key, _ -> LogCopy.NONE)) {
                if (!report.isIntact()) {
                    throw new StartFailure(
                            StartFailure.Kind.LOG_ALTERED,
                            "The log of the environment " + names.get(report.environment())
                                    + " is not what its checkpoints say. 'countersign activity verify' on the source says"
                                    + " where. Nothing is served from the copy; to move all the same, run this again"
                                    + " with --even-if-log-altered.");
                }
            }
        }

        private Settings.Postgresql there(Settings settings) {
            Optional<Settings.Postgresql> configured = settings.postgresql();
            Optional<String> where = Optional.ofNullable(url).or(() -> configured.map(Settings.Postgresql::url));
            if (where.isEmpty()) {
                throw new StartFailure(
                        StartFailure.Kind.USAGE,
                        "Name the PostgreSQL database with --url jdbc:postgresql://HOST/DATABASE, or configure database-url.");
            }
            return new Settings.Postgresql(
                    where.get(),
                    Optional.ofNullable(user)
                            .or(() -> configured.map(Settings.Postgresql::user))
                            .orElse("countersign"),
                    Optional.ofNullable(passwordFile).or(() -> configured.flatMap(Settings.Postgresql::passwordFile)));
        }

        private static Answer answer(
                Settings settings, Settings.Postgresql there, Move.Copied copied, Instant begun, Instant ended) {
            long millis = Math.max(1, ended.toEpochMilli() - begun.toEpochMilli());
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("tables", copied.tables());
            data.put("rows", copied.rows());
            data.put("resumed", copied.resumed());
            data.put("rowsPerSecond", copied.rows() * 1_000 / millis);
            data.put("databaseUrl", there.url());
            data.put("databaseUser", there.user());
            data.put("keyFile", settings.keyFile().toString());
            String configuration = "  database-url: " + there.url() + "\n  database-user: " + there.user()
                    + there.passwordFile()
                            .map(password -> "\n  database-password-file: " + password)
                            .orElse("");
            return new Answer(
                    data,
                    String.format(
                                    Locale.ROOT,
                                    "Copied and compared %d tables with %,d rows; both sides are the same.%n",
                                    copied.tables(),
                                    copied.rows())
                            + "Put this into the configuration, and start the server:\n\n" + configuration
                            + "\n\nThe key file stays " + settings.keyFile()
                            + "; every node needs it. The embedded database was not changed. Do not serve it again.");
        }
    }
}
