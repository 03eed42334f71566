package dev.countersign.activity;

import dev.countersign.activity.LogFinding.Kind;
import dev.countersign.activity.LogLines.Line;
import dev.countersign.vault.Ed25519PublicKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A proof file: entries and checkpoints of one environment, verified without anything else but the public key. */
public final class LogFile {
    private static final int MOST_UNREADABLE = 100;

    private final Path path;
    private final LogLines.Header header;
    private final List<LogFinding> findings = new ArrayList<>();
    private Optional<Checkpoint> last = Optional.empty();
    private LogLines.@Nullable End end;
    private long entries;

    private LogFile(Path path, LogLines.Header header) {
        this.path = path;
        this.header = header;
    }

    /** The file, if it is one. */
    public static Optional<LogFile> open(Path path) throws IOException {
        Optional<LogLines.Header> header;
        try (BufferedReader lines = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            header = first != null
                            && LogLines.read(first) instanceof Line.Begins(LogLines.Header found)
                            && found.format().equals(LogLines.FORMAT)
                    ? Optional.of(found)
                    : Optional.empty();
        } catch (java.nio.charset.CharacterCodingException e) {
            return Optional.empty();
        }
        return header.map(found -> new LogFile(path, found));
    }

    public String environment() {
        return header.environment();
    }

    /** The key the file says it was signed with: to be believed only when its id was learned otherwise. */
    public Optional<Ed25519PublicKey> statedKey() {
        return Ed25519PublicKey.parse(header.publicKey());
    }

    /** @throws IOException when the file cannot be read to its end */
    public LogReport verify(Ed25519PublicKey key, LogCopy copy) throws IOException {
        findings.clear();
        entries = 0;
        try (Stream<String> lines = Files.lines(path, StandardCharsets.UTF_8)) {
            long number = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                look(LogLines.read(line), ++number);
            }
            return compare(key, copy);
        } catch (UncheckedIOException e) {
            throw new IOException(path + " cannot be read to its end: " + e.getMessage(), e);
        }
    }

    private void look(Line line, long number) {
        switch (line) {
            case Line.Begins _ when number > 1 -> unreadable(number, "is a second beginning");
            case Line.Begins _ -> {}
            case Line.Sealed(SealedCheckpoint checkpoint) -> last = Optional.of(checkpoint.checkpoint());
            case Line.Logged _ -> entries++;
            case Line.Ends(LogLines.End found) -> end = found;
            case Line.Unknown _ -> unreadable(number, "is no line of a log");
        }
    }

    private void unreadable(long line, String text) {
        if (findings.size() < MOST_UNREADABLE) {
            findings.add(LogFinding.of(Kind.LINE_UNREADABLE, environment(), "line " + line + " " + text));
        }
    }

    private LogReport compare(Ed25519PublicKey key, LogCopy copy) throws IOException {
        Optional<LogLines.End> signed = Optional.ofNullable(end)
                .filter(found ->
                        found.environment().equals(environment()) && key.verifies(found.text(), found.signature()));
        if (signed.isEmpty()) {
            String text = end == null
                    ? "the file was cut off: its last line is gone"
                    : "the last line is not what was signed";
            findings.add(LogFinding.of(Kind.TAIL_REMOVED, environment(), text));
        }
        try (Stream<String> first = Files.lines(path, StandardCharsets.UTF_8);
                Stream<String> second = Files.lines(path, StandardCharsets.UTF_8)) {
            LogVerifier.Source source = new LogVerifier.Source(
                    last,
                    signed.map(found -> new ChainHead(
                            found.environment(), found.number(), found.hash(), 0, 0, 0, 0, 0, Checkpoint.NONE)),
                    first.map(LogLines::read)
                            .<SealedCheckpoint>mapMulti((line, out) -> {
                                if (line instanceof Line.Sealed(SealedCheckpoint found)) {
                                    out.accept(found);
                                }
                            })
                            .iterator(),
                    second.map(LogLines::read)
                            .<LoggedEntry>mapMulti((line, out) -> {
                                if (line instanceof Line.Logged(LoggedEntry found)) {
                                    out.accept(found);
                                }
                            })
                            .iterator(),
                    signed.map(found -> Instant.ofEpochMilli(found.exportedAt()))
                            .orElse(Instant.EPOCH));
            LogReport report = new LogVerifier(environment(), key, copy).verify(source);
            return finished(report, signed);
        }
    }

    private LogReport finished(LogReport report, Optional<LogLines.End> signed) {
        signed.filter(found -> found.entries() != entries)
                .ifPresent(found -> findings.add(LogFinding.of(
                        Kind.TAIL_REMOVED,
                        environment(),
                        "the file was written with " + found.entries() + " entries and has " + entries)));
        List<LogFinding> all = new ArrayList<>(report.findings());
        all.addAll(findings);
        return report.with(all);
    }
}
