package dev.countersign.activity;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Csv;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Entries as files, one line each: CSV of RFC 4180 in which no spreadsheet finds a formula, or JSON lines. */
public final class ActivityExport {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ActivityExport() {}

    /** The forms there are. */
    public enum Format {
        CSV("text/csv"),
        JSONL("application/jsonl");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Format> ofWireName(String name) {
            return List.of(values()).stream()
                    .filter(format -> format.wireName().equals(name))
                    .findFirst();
        }
    }

    /** An entry as it is exported and printed as JSON. */
    public record View(
            long sequence,
            Instant at,
            String kind,
            @Nullable String account,
            @Nullable String username,
            String actor,
            String door,
            String address,
            String browser,
            String requestId,
            long repeats,
            Instant lastAt,
            JsonNode details) {}

    /** @param nameOf the username of an account; empty when it is gone */
    public static View view(ActivityEntry entry, Function<AccountId, String> nameOf) {
        return new View(
                entry.sequence(),
                entry.at(),
                entry.kind(),
                entry.account().map(AccountId::value).orElse(null),
                entry.account().map(nameOf).orElse(null),
                entry.actorName(),
                entry.origin().door(),
                entry.origin().address(),
                entry.origin().browser(),
                entry.origin().requestId(),
                entry.repeats(),
                entry.lastAt(),
                JSON.readTree(entry.details()));
    }

    /** What writes one entry after another to {@code out}; the header of CSV is written at once. */
    public static Consumer<ActivityEntry> to(Appendable out, Format format, Function<AccountId, String> nameOf) {
        if (format == Format.CSV) {
            append(
                    out,
                    Csv.line(List.of(
                            "sequence",
                            "at",
                            "kind",
                            "account",
                            "username",
                            "actor",
                            "door",
                            "address",
                            "browser",
                            "requestId",
                            "repeats",
                            "lastAt",
                            "details")));
        }
        return entry -> {
            View view = view(entry, nameOf);
            append(out, format == Format.CSV ? Csv.line(cells(view)) : JSON.writeValueAsString(view) + "\n");
        };
    }

    private static List<String> cells(View view) {
        return List.of(
                Long.toString(view.sequence()),
                view.at().toString(),
                view.kind(),
                Optional.ofNullable(view.account()).orElse(""),
                Optional.ofNullable(view.username()).orElse(""),
                view.actor(),
                view.door(),
                view.address(),
                view.browser(),
                view.requestId(),
                Long.toString(view.repeats()),
                view.lastAt().toString(),
                view.details().toString());
    }

    private static void append(Appendable out, String line) {
        try {
            Appendable ignored = out.append(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
