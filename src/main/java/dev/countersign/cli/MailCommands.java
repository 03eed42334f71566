package dev.countersign.cli;

import dev.countersign.mail.Delivery;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.mail.QueuedMail;
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

/** {@code countersign mail ...}. */
@Command(
        name = "mail",
        description = "Set up the mail server, try it, and look at the queue.",
        mixinStandardHelpOptions = true,
        subcommands = {
            MailCommands.Show.class,
            MailCommands.Change.class,
            MailCommands.Off.class,
            MailCommands.Test.class,
            MailCommands.Queue.class,
            MailCommands.Retry.class,
            MailCommands.Delete.class
        })
final class MailCommands extends HelpByDefault {
    /** The settings as JSON. */
    record View(
            boolean on,
            String host,
            int port,
            String security,
            String username,
            boolean passwordSaved,
            String from,
            String fromName,
            String language) {}

    /** A mail of the queue as JSON. */
    record Row(
            String id,
            String kind,
            String to,
            String state,
            int attempts,
            Instant createdAt,
            Instant nextAt,
            String lastAnswer) {}

    private static WorkCommand.Answer show(Workbench bench) {
        MailServer server = bench.get(MailServer.class);
        Optional<MailSettings> found = server.find(bench.environmentId());
        if (found.isEmpty()) {
            return new WorkCommand.Answer(
                    new View(false, "", 0, "", "", false, "", "", ""),
                    "No mail is sent. Set it up with: countersign mail set --host HOST --from ADDRESS");
        }
        MailSettings settings = found.get();
        boolean saved = server.hasPassword(bench.environmentId());
        View view = new View(
                true,
                settings.host(),
                settings.port(),
                settings.security().wireName(),
                settings.username(),
                saved,
                settings.fromAddress(),
                settings.fromName(),
                settings.locale());
        return new WorkCommand.Answer(
                view,
                Table.of(
                        List.of(),
                        List.of(
                                List.of("Server", settings.host() + ":" + settings.port()),
                                List.of("Security", view.security()),
                                List.of("User", view.username().isEmpty() ? "none" : view.username()),
                                List.of("Password", saved ? "saved" : "none"),
                                List.of("From", (view.fromName() + " <" + view.from() + ">").strip()),
                                List.of("Language", view.language()))));
    }

    @Command(name = "show", description = "Show the mail server.")
    static final class Show extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            return show(bench);
        }
    }

    @Command(
            name = "set",
            description = "Set the mail server. What is not named stays as it is.",
            footer = {
                "",
                "Examples:",
                "  countersign mail set --host mail.example.org --from login@example.org",
                "  countersign mail set --username mailer --password-file mail.password",
                "  countersign mail set --host 127.0.0.1 --port 25 --security none --from login@example.org"
            })
    static final class Change extends WorkCommand {
        @Option(names = "--host", description = "Name or address of the server.")
        @Nullable String host;

        @Option(names = "--port", description = "Port (default 587).")
        @Nullable Integer port;

        @Option(names = "--security", description = "starttls, tls or none (default starttls).")
        @Nullable String security;

        @Option(names = "--username", description = "User at the server; empty for none.")
        @Nullable String username;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = "File with the password, or - for standard input.")
        @Nullable String passwordFile;

        @Option(names = "--from", paramLabel = "ADDRESS", description = "Address that mails come from.")
        @Nullable String from;

        @Option(names = "--from-name", paramLabel = "NAME", description = "Name that mails come from.")
        @Nullable String fromName;

        @Option(names = "--language", description = "en, de, fr or nl, for people who have not chosen one.")
        @Nullable String language;

        @Override
        Answer work(Workbench bench) {
            MailServer server = bench.get(MailServer.class);
            MailSettings before = server.find(bench.environmentId())
                    .orElse(new MailSettings(
                            "",
                            587,
                            MailSettings.Security.STARTTLS,
                            "",
                            "",
                            bench.environment().displayName(),
                            MailSettings.LOCALES.getFirst()));
            MailSettings after = new MailSettings(
                    or(host, before.host()),
                    port == null ? before.port() : port,
                    security == null ? before.security() : security(security),
                    or(username, before.username()),
                    or(from, before.fromAddress()),
                    or(fromName, before.fromName()),
                    or(language, before.locale()));
            after.problem().ifPresent(problem -> {
                throw Workbench.refused(explain(problem));
            });
            Optional<SecretText> password = Optional.ofNullable(passwordFile).map(Secrets::password);
            server.change(bench.environmentId(), after, password, bench.actor(), bench.origin(), bench.now());
            return show(bench);
        }

        private static String or(@Nullable String typed, String before) {
            return typed == null ? before : typed.strip();
        }

        private static MailSettings.Security security(String typed) {
            return MailSettings.Security.ofWireName(typed.toLowerCase(Locale.ROOT))
                    .orElseThrow(() -> Workbench.refused("--security is starttls, tls or none."));
        }

        private static String explain(MailSettings.Problem problem) {
            return switch (problem) {
                case HOST -> "--host must be a name or an address, such as mail.example.org.";
                case PORT -> "--port must be a number from 1 to 65535.";
                case USERNAME -> "--username must be one line of at most 200 characters.";
                case UNPROTECTED -> "A user name and password need --security starttls or tls.";
                case FROM_ADDRESS -> "--from must be a mail address, such as login@example.org.";
                case FROM_NAME -> "--from-name must be one line of at most 200 characters.";
                case LOCALE -> "--language is en, de, fr or nl.";
            };
        }
    }

    @Command(name = "off", description = "Send no more mail.")
    static final class Off extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            bench.get(MailServer.class).remove(bench.environmentId(), bench.actor(), bench.origin(), bench.now());
            return show(bench);
        }
    }

    @Command(name = "test", description = "Send a test mail at once and show what the server says.")
    static final class Test extends WorkCommand {
        @Option(names = "--to", required = true, paramLabel = "ADDRESS", description = "Where to.")
        private String to = "";

        @Override
        Answer work(Workbench bench) {
            Delivery delivery = bench.get(MailServer.class)
                    .test(bench.environment(), to, bench.actor().name(), MailSettings.LOCALES.getFirst(), bench.now())
                    .delivery();
            return switch (delivery) {
                case Delivery.Accepted(String answer) ->
                    new Answer(
                            Map.of("accepted", true, "answer", answer), "The server took the mail. It says: " + answer);
                case Delivery.Refused(String answer) -> throw Workbench.refused("The server refused: " + answer);
                case Delivery.Failed(String answer) -> throw Workbench.refused("It did not work: " + answer);
            };
        }
    }

    @Command(name = "queue", description = "List the newest mails.")
    static final class Queue extends WorkCommand {
        @Option(names = "--limit", defaultValue = "50", description = "How many at most (default 50).")
        private int limit = 50;

        @Override
        Answer work(Workbench bench) {
            if (limit < 1 || limit > 10_000) {
                throw Workbench.refused("--limit must be from 1 to 10000.");
            }
            List<Row> rows = bench.get(MailQueue.class).newest(bench.environmentId(), limit).stream()
                    .map(Queue::row)
                    .toList();
            List<List<String>> cells = rows.stream()
                    .map(row -> List.of(
                            row.createdAt().toString(),
                            row.state(),
                            row.kind(),
                            row.to(),
                            Integer.toString(row.attempts()),
                            row.lastAnswer(),
                            row.id()))
                    .toList();
            return new Answer(
                    rows, Table.of(List.of("CREATED", "STATE", "KIND", "TO", "TRIED", "LAST ANSWER", "ID"), cells));
        }

        private static Row row(QueuedMail mail) {
            return new Row(
                    mail.id(),
                    mail.kind(),
                    mail.recipient(),
                    mail.state().name().toLowerCase(Locale.ROOT),
                    mail.attempts(),
                    mail.createdAt(),
                    mail.nextAt(),
                    mail.lastAnswer());
        }
    }

    @Command(name = "retry", description = "Try a mail again as soon as the server runs.")
    static final class Retry extends WorkCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        Answer work(Workbench bench) {
            if (!bench.get(MailQueue.class).retry(bench.environmentId(), id, bench.now())) {
                throw Workbench.notFound(
                        "There is no mail '" + id + "' to try. List them with: countersign mail queue");
            }
            return new Answer(Map.of("id", id), id + " is tried again.");
        }
    }

    @Command(name = "delete", description = "Take a mail out of the queue.")
    static final class Delete extends WorkCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        Answer work(Workbench bench) {
            if (!bench.get(MailQueue.class).delete(bench.environmentId(), id)) {
                throw Workbench.notFound("There is no mail '" + id + "'. List them with: countersign mail queue");
            }
            return new Answer(Map.of("id", id), id + " is gone.");
        }
    }
}
