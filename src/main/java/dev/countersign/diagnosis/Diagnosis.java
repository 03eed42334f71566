package dev.countersign.diagnosis;

import dev.countersign.activity.LogKeys;
import dev.countersign.activity.SealStatus;
import dev.countersign.administration.Safeguard;
import dev.countersign.configuration.Settings;
import dev.countersign.diagnosis.Finding.Level;
import dev.countersign.diagnosis.Finding.Subject;
import dev.countersign.directory.Environment;
import dev.countersign.keys.SealedValues;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.mail.QueuedMail;
import dev.countersign.node.Nodes;
import dev.countersign.policy.Exemption;
import dev.countersign.policy.Policies;
import dev.countersign.witness.Witnesses;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Looks at an environment of an open installation: for the command line, and for the warnings on the console's first page. */
@Component
public final class Diagnosis {
    private static final Duration EXEMPTION_SOON = Duration.ofDays(7);
    private static final int MAIL_WAIT_MILLIS = 3_000;
    private static final long MOST_WAITING = 60;

    private final Settings settings;
    private final Safeguard safeguard;
    private final Policies policies;
    private final MailServer mailServer;
    private final MailQueue mails;
    private final SealedValues sealedValues;
    private final SealStatus seals;
    private final LogKeys logKeys;
    private final Witnesses witnesses;
    private final Nodes nodes;
    private volatile List<Finding> machine = List.of();

    Diagnosis(
            Settings settings,
            Safeguard safeguard,
            Policies policies,
            MailServer mailServer,
            MailQueue mails,
            SealedValues sealedValues,
            SealStatus seals,
            LogKeys logKeys,
            Witnesses witnesses,
            Nodes nodes) {
        this.settings = settings;
        this.safeguard = safeguard;
        this.policies = policies;
        this.mailServer = mailServer;
        this.mails = mails;
        this.sealedValues = sealedValues;
        this.nodes = nodes;
        this.seals = seals;
        this.logKeys = logKeys;
        this.witnesses = witnesses;
    }

    /** Everything about an environment; waits for its mail server a few seconds at most. Not inside a transaction. */
    public List<Finding> of(Environment environment, Instant now) {
        List<Finding> findings = new ArrayList<>();
        findings.add(administrators(environment));
        findings.add(exemptions(environment, now));
        findings.addAll(mail(environment));
        disagreements(now).ifPresent(findings::add);
        findings.add(log(environment, now));
        return List.copyOf(findings);
    }

    /** Opens every sealed value there is; changes nothing. Takes a minute for a million people. */
    public Finding deep() {
        SealedValues.Walked walked = sealedValues.openAll();
        String rows = String.join(", ", walked.unopened());
        return walked.unopenedCount() == 0
                ? Finding.green(
                        Subject.KEYS,
                        "values-open",
                        "All " + walked.values() + " sealed values are what they should be.")
                : Finding.red(
                        Subject.KEYS,
                        "values-unopened",
                        walked.unopenedCount() + " sealed values were altered, moved, or put back from an older copy: "
                                + rows + ".",
                        "They open nothing. Find out who writes into the database; then reset who is concerned.");
    }

    private Optional<Finding> disagreements(Instant now) {
        Set<String> names = nodes.disagreements(now);
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.warning(
                        Subject.SETTINGS,
                        "nodes-differ",
                        "The servers of this installation do not have the same " + String.join(", ", names) + ".",
                        "Give all servers the same countersign.yaml, but for listen, port and TLS files."));
    }

    /** Looks at machine and database, which may take seconds, and keeps what was found for {@link #warnings}. */
    public void lookAtMachine(Instant now) {
        machine = MachineCheck.run(settings, now).findings();
    }

    /**
     * What an administrator should do something about, of the environment now and of the machine when it was last looked at.
     * Quick: the network is not asked.
     */
    public List<Finding> warnings(Environment environment, Instant now) {
        List<Finding> findings = new ArrayList<>(machine);
        findings.add(administrators(environment));
        findings.add(exemptions(environment, now));
        waiting(environment).ifPresent(findings::add);
        disagreements(now).ifPresent(findings::add);
        findings.add(log(environment, now));
        return findings.stream()
                .filter(finding -> finding.level() != Level.GREEN)
                .toList();
    }

    private Finding administrators(Environment environment) {
        long usable = safeguard.usableAdministrators(environment.id());
        if (usable == 0) {
            return Finding.red(
                    Subject.ADMINISTRATORS,
                    "administrators-none",
                    "Nobody can administer this environment.",
                    "Create one: countersign account create --role administrator ...");
        }
        return usable == 1
                ? Finding.warning(
                        Subject.ADMINISTRATORS,
                        "administrators-one",
                        "There is one administrator only.",
                        "Create a second one, so that a lost phone locks nobody out.")
                : Finding.green(
                        Subject.ADMINISTRATORS, "administrators-several", usable + " administrators can sign in.");
    }

    private Finding exemptions(Environment environment, Instant now) {
        List<Exemption> all = policies.exemptions(environment.id(), now);
        long soon = all.stream()
                .filter(exemption -> exemption.until().isBefore(now.plus(EXEMPTION_SOON)))
                .count();
        return soon == 0
                ? Finding.green(
                        Subject.EXEMPTIONS,
                        "exemptions-none-ending",
                        all.size() + " exemptions, none ends within 7 days.")
                : Finding.warning(
                        Subject.EXEMPTIONS,
                        "exemptions-ending",
                        soon + " exemptions end within 7 days.",
                        "Tell these people; they are asked for a code afterwards.");
    }

    /** The key is tried as well: without it nothing is sealed. On a stopped server nobody seals. */
    private Finding log(Environment environment, Instant now) {
        String key;
        try {
            key = logKeys.publicKey().id();
        } catch (IllegalStateException e) {
            return Finding.red(
                    Subject.LOG,
                    "log-key-unusable",
                    "The key that signs the log cannot be opened.",
                    "Start with the key file this database belongs to.");
        }
        SealStatus.State state = seals.of(environment.id());
        if (state.isLate(now)) {
            return Finding.warning(
                    Subject.LOG,
                    "log-not-sealed",
                    state.unsealed() + " entries of the log wait to be sealed.",
                    "While the server runs they are sealed every two seconds: look at what it says about it.");
        }
        String copies = witnesses.waiting().entrySet().stream()
                .filter(each -> each.getValue() > MOST_WAITING)
                .map(each -> each.getKey() + " (" + each.getValue() + ")")
                .collect(Collectors.joining(", "));
        return copies.isEmpty()
                ? Finding.green(Subject.LOG, "log-sealed", "The log is sealed, with key " + key + ".")
                : Finding.warning(
                        Subject.LOG,
                        "log-not-told",
                        "Checkpoints of the log wait to be told to " + copies + ".",
                        "Look whether the place can be reached: log-file, log-syslog, log-webhook.");
    }

    private List<Finding> mail(Environment environment) {
        Optional<MailSettings> server = mailServer.find(environment.id());
        if (server.isEmpty()) {
            return List.of(
                    Finding.green(Subject.MAIL, "mail-off", "No mail server is set up; nothing depends on one."));
        }
        List<Finding> findings = new ArrayList<>();
        findings.add(greet(server.get()));
        waiting(environment).ifPresent(findings::add);
        return findings;
    }

    private Optional<Finding> waiting(Environment environment) {
        long failed = mails.count(environment.id(), QueuedMail.State.FAILED);
        return failed == 0
                ? Optional.empty()
                : Optional.of(Finding.warning(
                        Subject.MAIL,
                        "mail-failed",
                        failed + " mails could not be sent.",
                        "Look at the answers of the server: countersign mail queue."));
    }

    /** Whether something that speaks SMTP answers. With TLS from the first byte, only that the port is open. */
    private static Finding greet(MailSettings server) {
        String where = server.host() + ":" + server.port();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(server.host(), server.port()), MAIL_WAIT_MILLIS);
            if (server.security() == MailSettings.Security.TLS) {
                return Finding.green(Subject.MAIL, "mail-reachable", "The mail server " + where + " can be reached.");
            }
            socket.setSoTimeout(MAIL_WAIT_MILLIS);
            BufferedReader answers =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            String greeting = answers.readLine();
            if (greeting == null || !greeting.startsWith("220")) {
                throw new IOException("it does not greet as a mail server does");
            }
            socket.getOutputStream().write("EHLO countersign\r\nQUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            String ehlo = answers.readLine();
            if (ehlo == null || !ehlo.startsWith("250")) {
                throw new IOException("it refuses EHLO");
            }
            return Finding.green(Subject.MAIL, "mail-answers", "The mail server " + where + " answers.");
        } catch (IOException e) {
            return Finding.red(
                    Subject.MAIL,
                    "mail-unreachable",
                    "The mail server " + where + " does not answer: " + e.getMessage() + ".",
                    "Check host, port and firewall: countersign mail test --to ADDRESS.");
        }
    }
}
