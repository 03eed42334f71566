package dev.countersign.moving;

import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One object a line, as {@code docs/admin/moving-in.md} describes it. */
final class JsonLines implements ItemReader {
    static final Set<String> FIELDS =
            Set.of("username", "email", "name", "groups", "locale", "passwordHash", "totp", "disabled", "role");

    private static final int MOST_GROUPS = 200;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxNumberLength(40)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final BoundedLines lines;

    JsonLines(InputStream stream) {
        this.lines = new BoundedLines(stream);
    }

    /** A field holds something else than it should. */
    private static final class Misused extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Reason reason;

        Misused(Reason reason) {
            super(reason.wireName());
            this.reason = reason;
        }
    }

    @Override
    public Optional<Item> next() throws IOException {
        while (true) {
            Optional<BoundedLines.Line> line = lines.next();
            if (line.isEmpty()) {
                return Optional.empty();
            }
            switch (line.get()) {
                case BoundedLines.Line.TooLong(long number) -> {
                    return unreadable(number, "", Reason.of(Reason.Code.LINE_TOO_LONG));
                }
                case BoundedLines.Line.NotUtf8(long number) -> {
                    return unreadable(number, "", Reason.of(Reason.Code.LINE_NOT_UTF_8));
                }
                case BoundedLines.Line.Text(long number, String text) -> {
                    if (!text.isBlank()) {
                        return Optional.of(parse(number, text));
                    }
                }
            }
        }
    }

    private static Optional<Item> unreadable(long number, String username, Reason reason) {
        return Optional.of(new Item.Unreadable(number, username, reason));
    }

    private static Item parse(long number, String text) {
        JsonNode object;
        try {
            object = JSON.readTree(text);
        } catch (JacksonException e) {
            return new Item.Unreadable(number, "", Reason.of(Reason.Code.LINE_BROKEN_JSON, firstLine(e)));
        }
        try {
            return new Item.Person(number, arrival(object));
        } catch (Misused e) {
            JsonNode name = object.path("username");
            return new Item.Unreadable(number, name.isString() ? name.asString() : "", e.reason);
        }
    }

    /** Without the place in the source, which would repeat what the line holds. */
    private static String firstLine(JacksonException failure) {
        return String.valueOf(failure.getOriginalMessage())
                .lines()
                .findFirst()
                .orElse("")
                .replaceAll("[\"'].{80,}", "...");
    }

    private static Arrival arrival(JsonNode object) throws Misused {
        if (!object.isObject()) {
            throw new Misused(Reason.of(Reason.Code.LINE_NOT_JSON));
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                throw new Misused(Reason.of(Reason.Code.FIELD_UNKNOWN, Refusals.shown(field.getKey())));
            }
        }
        return new Arrival(
                text(object, "username").orElseThrow(() -> new Misused(Reason.of(Reason.Code.USERNAME_MISSING))),
                text(object, "email"),
                text(object, "name"),
                groups(object),
                false,
                text(object, "locale"),
                text(object, "passwordHash").map(SecretText::of),
                false,
                text(object, "totp").map(SecretText::of),
                flag(object, "disabled"),
                text(object, "role"));
    }

    private static Optional<String> text(JsonNode object, String field) throws Misused {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw new Misused(Reason.of(Reason.Code.FIELD_NOT_TEXT, field));
        }
        return Optional.of(value.asString());
    }

    private static Optional<Boolean> flag(JsonNode object, String field) throws Misused {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isBoolean()) {
            throw new Misused(Reason.of(Reason.Code.FIELD_NOT_FLAG, field));
        }
        return Optional.of(value.asBoolean());
    }

    private static List<String> groups(JsonNode object) throws Misused {
        JsonNode value = object.path("groups");
        if (value.isMissingNode() || value.isNull()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MOST_GROUPS) {
            throw new Misused(Reason.of(Reason.Code.FIELD_NOT_NAMES, "groups", MOST_GROUPS));
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : value) {
            if (!name.isString()) {
                throw new Misused(Reason.of(Reason.Code.FIELD_NOT_NAMES, "groups", MOST_GROUPS));
            }
            names.add(name.asString());
        }
        return names;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
