package dev.countersign.diagnosis;

import dev.countersign.configuration.Settings;
import dev.countersign.diagnosis.Finding.Subject;
import dev.countersign.directory.Installation;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.DatabaseHealth;
import dev.countersign.vault.Certificates;
import dev.countersign.vault.KeyFile;
import dev.countersign.vault.PrivateFiles;
import inet.ipaddr.IPAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be looked at without opening the database for work: also when it cannot be opened. It changes nothing. */
public final class MachineCheck {
    private static final long LEAST_FREE_MIB = 200;
    private static final long COMFORTABLE_MIB = 1_024;
    private static final long LARGE_WAL_MIB = 256;
    private static final Duration CERTIFICATE_SOON = Duration.ofDays(21);

    private final Settings settings;
    private final Instant now;
    private final List<Finding> findings = new ArrayList<>();
    private boolean databaseUsable;

    private MachineCheck(Settings settings, Instant now) {
        this.settings = settings;
        this.now = now;
    }

    /** What was found, and whether the database can be opened for more without changing it. */
    public record Checked(List<Finding> findings, boolean databaseUsable) {}

    public static Checked run(Settings settings, Instant now) {
        MachineCheck check = new MachineCheck(settings, now);
        check.disk();
        check.keys();
        check.database();
        check.proxies();
        check.certificate();
        return new Checked(List.copyOf(check.findings), check.databaseUsable);
    }

    private void disk() {
        Path data = settings.data();
        if (!Files.isDirectory(data)) {
            findings.add(Finding.red(
                    Subject.DISK,
                    "data-missing",
                    "There is no directory " + data + ".",
                    "Name the directory with --data."));
            return;
        }
        if (!PrivateFiles.takesFiles(data)) {
            findings.add(Finding.red(
                    Subject.DISK,
                    "data-not-writable",
                    "The directory " + data + " cannot be written.",
                    "Give it to the user the server runs as."));
            return;
        }
        try {
            findings.add(space(Files.getFileStore(data).getUsableSpace() >> 20, data));
        } catch (IOException e) {
            findings.add(Finding.red(
                    Subject.DISK,
                    "disk-unknown",
                    "The disk of " + data + " cannot be asked: " + e,
                    "Check that it is mounted and can be read."));
        }
    }

    static Finding space(long mebibytes, Path data) {
        String text = mebibytes + " MiB are free in " + data + ".";
        String advice = "Free some space; without it nobody can sign in.";
        if (mebibytes < LEAST_FREE_MIB) {
            return Finding.red(Subject.DISK, "disk-full", text, advice);
        }
        return mebibytes < COMFORTABLE_MIB
                ? Finding.warning(Subject.DISK, "disk-nearly-full", text, advice)
                : Finding.green(Subject.DISK, "disk-free", text);
    }

    private void keys() {
        Path file = settings.keyFile();
        if (!Files.exists(file)) {
            findings.add(Finding.red(
                    Subject.KEYS,
                    "keys-missing",
                    "The key file " + file + " is missing.",
                    "Put it back from your backup; without it nothing that was sealed can be opened."));
            return;
        }
        try {
            PrivateFiles.requirePrivate(file);
            boolean former = KeyFile.open(file).keys().stream()
                    .anyMatch(key -> key.seals() && key.madeAt().isEmpty());
            if (former) {
                findings.add(Finding.warning(
                        Subject.KEYS,
                        "keys-former",
                        "A key of a former version opens values that are not bound to their owner.",
                        "Run: countersign keys rotate; then retire the former key."));
            }
            findings.add(
                    Finding.green(Subject.KEYS, "keys-readable", "The key file can be read, and by its owner alone."));
        } catch (StartFailure e) {
            findings.add(Finding.red(
                    Subject.KEYS,
                    "keys-unusable",
                    String.valueOf(e.getMessage()),
                    "Put this right, or put the file of your backup back."));
        }
    }

    private void database() {
        DatabaseHealth health = settings.postgresql()
                .map(postgresql -> DatabaseHealth.ofPostgresql(
                        postgresql.url(), postgresql.user(), Installation.databasePassword(postgresql)))
                .orElseGet(() -> DatabaseHealth.ofSqlite(Installation.databaseFile(settings)));
        if (health.broken().isPresent()) {
            findings.add(Finding.red(
                    Subject.DATABASE,
                    "database-broken",
                    health.broken().get(),
                    "Check that it runs and that its files are whole; restore a backup if they are not."));
            return;
        }
        findings.add(Finding.green(Subject.DATABASE, "database-opens", health.product() + " answers and is whole."));
        health.warnings()
                .forEach(warning -> findings.add(Finding.warning(
                        Subject.DATABASE, "database-setting", warning, "Change it in the server's settings.")));
        schema(health);
        health.time().ifPresent(time -> clock(time, "the database server's"));
        health.newestEntry()
                .filter(newest -> newest.isAfter(now.plusSeconds(5)))
                .ifPresent(newest -> findings.add(Finding.red(
                        Subject.CLOCK,
                        "clock-went-back",
                        "The log holds an entry of " + newest
                                + ", which is later than this machine's clock: it went back.",
                        "Set the clock by NTP (timedatectl set-ntp true). Until then codes are refused.")));
        wal();
    }

    private void schema(DatabaseHealth health) {
        if (health.schema() == health.knownSchema()) {
            databaseUsable = true;
            findings.add(Finding.green(Subject.DATABASE, "schema-current", "Schema version " + health.schema() + "."));
        } else if (health.schema() > health.knownSchema()) {
            findings.add(Finding.red(
                    Subject.DATABASE,
                    "schema-newer",
                    "The database has schema version " + health.schema() + ", this program knows "
                            + health.knownSchema() + ".",
                    "Start the newer Countersign."));
        } else {
            findings.add(Finding.warning(
                    Subject.DATABASE,
                    "schema-older",
                    "The database has schema version " + health.schema() + "; the next start brings it to "
                            + health.knownSchema() + ".",
                    "Make a backup first."));
        }
    }

    private void clock(Instant theirs, String whose) {
        Duration difference = Duration.between(theirs, now).abs();
        findings.add(
                difference.compareTo(Duration.ofSeconds(10)) > 0
                        ? Finding.red(
                                Subject.CLOCK,
                                "clock-differs",
                                "This machine's clock differs from " + whose + " by " + difference.toSeconds() + " s.",
                                "Set both by NTP (timedatectl set-ntp true); codes depend on the time.")
                        : Finding.green(
                                Subject.CLOCK, "clock-agrees", "This machine's clock agrees with " + whose + "."));
    }

    private void wal() {
        if (settings.postgresql().isPresent()) {
            return;
        }
        Path wal = Path.of(Installation.databaseFile(settings) + "-wal");
        try {
            long mebibytes = Files.exists(wal) ? Files.size(wal) >> 20 : 0;
            if (mebibytes > LARGE_WAL_MIB) {
                findings.add(Finding.warning(
                        Subject.DATABASE,
                        "wal-large",
                        "The write-ahead log has " + mebibytes + " MiB.",
                        "Something keeps an old view of the database open; restart the server."));
            }
        } catch (IOException e) {
            findings.add(Finding.warning(
                    Subject.DATABASE,
                    "wal-unknown",
                    "The file " + wal + " cannot be looked at.",
                    "Give the directory to the user the server runs as."));
        }
    }

    private void proxies() {
        List<IPAddress> networks = settings.trustedProxies();
        int before = findings.size();
        for (IPAddress network : networks) {
            if (network.getPrefixLength() != null && network.getPrefixLength() == 0) {
                findings.add(Finding.warning(
                        Subject.PROXIES,
                        "proxies-everyone",
                        "trusted-proxies holds " + network + ": everyone may say where a request comes from.",
                        "Name the addresses of your proxies only."));
            } else if (!isPrivate(network)) {
                findings.add(Finding.warning(
                        Subject.PROXIES,
                        "proxies-public",
                        "trusted-proxies holds the public address " + network + ".",
                        "Make sure that nobody but your proxy has it."));
            }
        }
        if (findings.size() == before) {
            findings.add(Finding.green(
                    Subject.PROXIES,
                    "proxies-fine",
                    networks.isEmpty()
                            ? "No proxy is trusted."
                            : networks.size() + " networks of proxies are trusted."));
        }
    }

    private static boolean isPrivate(IPAddress network) {
        return network.isLocal()
                || network.isLoopback()
                || (network.isIPv4() && network.toIPv4().isPrivate());
    }

    private void certificate() {
        Optional<Settings.Tls> tls = settings.tls();
        if (tls.isEmpty()) {
            return;
        }
        Certificates.Look look =
                Certificates.look(tls.get().certificate(), tls.get().key());
        switch (look) {
            case Certificates.Look.Unreadable(String why) ->
                findings.add(Finding.red(Subject.CERTIFICATE, "certificate-unreadable", why, "Give PEM files."));
            case Certificates.Look.Read(Instant from, Instant until, List<String> names, boolean matches) -> {
                if (!matches) {
                    findings.add(Finding.red(
                            Subject.CERTIFICATE,
                            "certificate-other-key",
                            "The key does not belong to the certificate.",
                            "Give the key it was made with."));
                }
                findings.add(lifetime(from, until, names));
            }
        }
    }

    private Finding lifetime(Instant from, Instant until, List<String> names) {
        String text = "The certificate for " + String.join(", ", names) + " is valid until " + until + ".";
        if (until.isBefore(now) || from.isAfter(now)) {
            return Finding.red(
                    Subject.CERTIFICATE, "certificate-not-valid", text, "Get a new one; browsers refuse this one.");
        }
        if (until.isBefore(now.plus(CERTIFICATE_SOON))) {
            return Finding.warning(Subject.CERTIFICATE, "certificate-ends", text, "Renew it.");
        }
        String host = settings.baseUrl().map(url -> url.getHost()).orElse("");
        boolean named = host.isEmpty() || names.stream().anyMatch(name -> covers(name, host));
        return named
                ? Finding.green(Subject.CERTIFICATE, "certificate-valid", text)
                : Finding.warning(
                        Subject.CERTIFICATE,
                        "certificate-other-name",
                        text + " base-url says " + host + ".",
                        "Get a certificate for that name.");
    }

    private static boolean covers(String name, String host) {
        return name.equalsIgnoreCase(host)
                || (name.startsWith("*.")
                        && host.indexOf('.') > 0
                        && name.substring(1).equalsIgnoreCase(host.substring(host.indexOf('.'))));
    }
}
