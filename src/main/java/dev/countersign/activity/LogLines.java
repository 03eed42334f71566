package dev.countersign.activity;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Checkpoints and entries as lines of JSON, in a proof file and outside: {@code docs/log-format.md}. */
public final class LogLines {
    static final String FORMAT = "countersign-log/1";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private LogLines() {}

    /** The first line of a proof file. */
    record Header(String format, String environment, String name, String keyId, String publicKey) {}

    /**
     * The last line of a proof file: so one that was cut off is known.
     *
     * @param number of the last checkpoint when it was exported, 0 if there was none
     * @param entries how many lines with entries there are
     */
    record End(String environment, long number, String hash, long entries, long exportedAt, String signature) {
        String text() {
            return "countersign-log-end/1\n" + environment + "\n" + number + "\n" + hash + "\n" + entries + "\n"
                    + exportedAt + "\n";
        }
    }

    private record CheckpointLine(Checkpoint checkpoint, List<ListedEntry> entries) {}

    private record HeaderLine(Header log) {}

    private record EntryLine(LoggedEntry entry) {}

    private record EndLine(End end) {}

    /** A checkpoint with its list. */
    public static String of(SealedCheckpoint sealed) {
        return JSON.writeValueAsString(new CheckpointLine(sealed.checkpoint(), sealed.entries()));
    }

    /** A checkpoint without its list. */
    public static String of(Checkpoint checkpoint) {
        return JSON.writeValueAsString(new CheckpointLine(checkpoint, List.of()));
    }

    static String of(LoggedEntry entry) {
        return JSON.writeValueAsString(new EntryLine(entry));
    }

    static String of(Header header) {
        return JSON.writeValueAsString(new HeaderLine(header));
    }

    static String of(End end) {
        return JSON.writeValueAsString(new EndLine(end));
    }

    /** A line that is not what it should be. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unreadable(String field) {
            super(field);
        }
    }

    /** One line of a proof file. */
    sealed interface Line {
        record Begins(Header header) implements Line {}

        record Sealed(SealedCheckpoint checkpoint) implements Line {}

        record Logged(LoggedEntry entry) implements Line {}

        record Ends(End end) implements Line {}

        record Unknown() implements Line {}
    }

    static Line read(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            if (json.has("checkpoint")) {
                return new Line.Sealed(sealed(json));
            }
            if (json.has("entry")) {
                return new Line.Logged(entry(json.path("entry")));
            }
            if (json.has("log")) {
                return new Line.Begins(header(json.path("log")));
            }
            return json.has("end") ? new Line.Ends(end(json.path("end"))) : new Line.Unknown();
        } catch (JacksonException | Unreadable e) {
            return new Line.Unknown();
        }
    }

    /** The checkpoint in a line of a sink, if there is one. */
    public static Optional<SealedCheckpoint> checkpoint(String line) {
        return read(line) instanceof Line.Sealed(SealedCheckpoint found) ? Optional.of(found) : Optional.empty();
    }

    private static SealedCheckpoint sealed(JsonNode json) {
        JsonNode from = json.path("checkpoint");
        Checkpoint checkpoint = new Checkpoint(
                text(from, "environment"),
                number(from, "number"),
                number(from, "sealedAt"),
                text(from, "keyId"),
                hash(from, "previous"),
                number(from, "count"),
                number(from, "firstSequence"),
                number(from, "lastSequence"),
                number(from, "firstAt"),
                number(from, "lastAt"),
                number(from, "high"),
                number(from, "settled"),
                number(from, "prunedThrough"),
                number(from, "prunedEntries"),
                hash(from, "prunedHash"),
                hash(from, "entriesHash"),
                text(from, "signature"));
        List<ListedEntry> entries = new ArrayList<>();
        json.path("entries")
                .forEach(each -> entries.add(
                        new ListedEntry(number(each, "sequence"), truth(each, "open"), hash(each, "digest"))));
        return SealedCheckpoint.of(checkpoint, ListedEntry.pack(entries));
    }

    private static LoggedEntry entry(JsonNode from) {
        return new LoggedEntry(
                text(from, "environment"),
                number(from, "sequence"),
                number(from, "at"),
                text(from, "kind"),
                find(from, "account"),
                find(from, "actorId"),
                text(from, "actorName"),
                text(from, "door"),
                text(from, "address"),
                text(from, "browser"),
                text(from, "requestId"),
                text(from, "details"),
                find(from, "repeatKey"),
                number(from, "repeats"),
                from.path("lastAt").isNull() ? Optional.empty() : Optional.of(number(from, "lastAt")));
    }

    private static Header header(JsonNode from) {
        return new Header(
                text(from, "format"),
                text(from, "environment"),
                text(from, "name"),
                text(from, "keyId"),
                text(from, "publicKey"));
    }

    private static End end(JsonNode from) {
        return new End(
                text(from, "environment"),
                number(from, "number"),
                hash(from, "hash"),
                number(from, "entries"),
                number(from, "exportedAt"),
                text(from, "signature"));
    }

    private static String text(JsonNode from, String field) {
        return find(from, field).orElseThrow(() -> new Unreadable(field));
    }

    private static Optional<String> find(JsonNode from, String field) {
        JsonNode found = from.path(field);
        if (found.isNull()) {
            return Optional.empty();
        }
        if (!found.isString()) {
            throw new Unreadable(field);
        }
        return Optional.of(found.asString());
    }

    private static long number(JsonNode from, String field) {
        JsonNode found = from.path(field);
        if (!found.isIntegralNumber() || !found.canConvertToLong()) {
            throw new Unreadable(field);
        }
        return found.asLong();
    }

    private static boolean truth(JsonNode from, String field) {
        JsonNode found = from.path(field);
        if (!found.isBoolean()) {
            throw new Unreadable(field);
        }
        return found.asBoolean();
    }

    private static String hash(JsonNode from, String field) {
        String found = text(from, field);
        if (!found.matches("[0-9a-f]{64}")) {
            throw new Unreadable(field);
        }
        return found;
    }
}
