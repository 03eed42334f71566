package dev.countersign.web;

import dev.countersign.activity.ActivityEntry;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Why a sign-in asked for what it asked for, in sentences: the same for its owner and for the help desk. */
@Component
public final class Traces {
    private final MessageSource messages;
    private final JsonMapper json = JsonMapper.builder().build();

    Traces(MessageSource messages) {
        this.messages = messages;
    }

    /** The trace of a completed sign-in; empty for every other entry, and for sign-ins that kept none. */
    public List<String> of(ActivityEntry entry, Locale locale) {
        if (!entry.kind().equals("sign-in-completed")) {
            return List.of();
        }
        JsonNode details = json.readTree(entry.details());
        JsonNode why = details.path("why");
        String rule = why.path("rule").asString("");
        if (rule.isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add(text(
                "policy.why." + wire(rule), locale, day(why.path("argument").asString(""), locale)));
        boolean console = details.path("place").asString("").equals("console");
        lines.add(text(console ? "trace.to-console" : "trace.to-account", locale));
        lines.add(text("trace.address", locale, entry.origin().address()));
        String style = why.path("style").asString("");
        if (entry.origin().door().equals("portal") && !style.isEmpty()) {
            lines.add(text("trace.style", locale, text("style." + wire(style), locale)));
        }
        String until = why.path("rememberedUntil").asString("");
        if (!until.isEmpty()) {
            boolean known = why.path("knownBrowser").asBoolean(false);
            lines.add(text(known ? "trace.known-browser" : "trace.new-browser", locale, day(until, locale)));
        }
        return lines;
    }

    private String text(String key, Locale locale, Object... arguments) {
        return messages.getMessage(key, arguments, locale);
    }

    private static String wire(String constant) {
        return constant.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** An instant as its day in words, anything else as it is. */
    private String day(String text, Locale locale) {
        if (!text.matches("\\d{4}-\\d{2}-\\d{2}T.*Z")) {
            return text;
        }
        DateTimeFormatter format = DateTimeFormatter.ofPattern(text("format.day", locale), locale);
        return format.format(Instant.parse(text).atOffset(ZoneOffset.UTC));
    }
}
