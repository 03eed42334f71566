package dev.countersign.web;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.phrases.RuleWords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Log entries as sentences in the reader's language. */
@Component
public final class Sentences {
    private final MessageSource messages;
    private final Durations durations;
    private final RuleWords rules;
    private final JsonMapper json = JsonMapper.builder().build();

    Sentences(MessageSource messages, Durations durations, RuleWords rules) {
        this.messages = messages;
        this.durations = durations;
        this.rules = rules;
    }

    /** What entries of a kind say, without what differs between them. */
    public String ofKind(String kind, Locale locale) {
        try {
            return messages.getMessage("activity." + kind, new Object[] {"…", "…", "…", "…"}, locale);
        } catch (IllegalArgumentException e) {
            return kind.replace('-', ' ');
        }
    }

    public String of(ActivityEntry entry, Locale locale) {
        JsonNode details = json.readTree(entry.details());
        Object[] arguments = switch (entry.kind()) {
            case "sign-in-completed" -> new Object[] {ways(details.path("ways"), locale)};
            case "session-ended" -> new Object[] {word("ended.", details.path("how"), locale)};
            case "sign-in-refused" ->
                new Object[] {explained(word("refusal.", details.path("refusal"), locale), details, locale)};
            case "new-app-code-refused" ->
                new Object[] {explained(messages.getMessage("refusal.wrong-code", null, locale), details, locale)};
            case "account-imported" -> new Object[] {details.path("username").asString("")};
            case "people-imported" ->
                new Object[] {
                    details.path("file").asString(""),
                    details.path("created").asLong(0),
                    details.path("changed").asLong(0),
                    details.path("refused").asLong(0)
                };
            case "people-exported" -> new Object[] {details.path("rows").asLong(0)};
            case "account-created" -> new Object[] {details.path("username").asString("")};
            case "two-factor-reset", "phone-replaced" ->
                new Object[] {details.path("by").asString("")};
            case "log-went-back" ->
                new Object[] {
                    details.path("here").asLong(0), details.path("outside").asLong(0)
                };
            case "clock-jumped" -> new Object[] {details.path("seconds").asLong(0)};
            case "installation-restored" ->
                new Object[] {minute(details.path("backupAt").asString(""))};
            case "moved-to-postgresql" -> new Object[] {details.path("rows").asLong(0)};
            case "exemption-granted" -> new Object[] {date(details.path("until").asString(""))};
            case "group-created", "group-member-added", "group-member-removed" ->
                new Object[] {details.path("group").asString("")};
            case "api-key-created", "api-key-revoked" ->
                new Object[] {
                    details.path("name").asString(""), details.path("prefix").asString("")
                };
            case "challenge-answered" ->
                new Object[] {details.path("application").asString("")};
            case "challenge-refused" ->
                new Object[] {
                    details.path("application").asString(""), word("refusal.", details.path("refusal"), locale)
                };
            case "style-changed" ->
                new Object[] {
                    word("style.", details.path("before"), locale), word("style.", details.path("after"), locale)
                };
            case "phone-paired", "phone-removed" -> texts(details, "phone");
            case "approval-given", "approval-refused", "approval-replayed" -> texts(details, "phone");
            case "approval-digits-wrong" ->
                new Object[] {
                    details.path("phone").asString(""), details.path("left").asLong(0)
                };
            case "address-slowed" -> texts(details, "address");
            case "administrators-told" ->
                new Object[] {details.path("administrators").asLong(0)};
            case "new-password-by-phone" -> texts(details, "phone");
            case "approval-drawn" ->
                new Object[] {
                    messages.getMessage(
                            details.path("asked").asBoolean(false) ? "drawn.asked" : "drawn.not-asked", null, locale),
                    details.path("share").asLong(0)
                };
            case "approval-reported" -> texts(details, "phone", "address");
            case "approval-held-back" ->
                new Object[] {details.path("pauseSeconds").asLong(0)};
            case "account-deleted" -> texts(details, "username");
            case "group-deleted" -> texts(details, "group");
            case "group-nested", "group-unnested" -> texts(details, "parent", "group");
            case "group-role-changed" ->
                new Object[] {
                    details.path("group").asString(""),
                    role(details.path("before"), locale),
                    role(details.path("after"), locale)
                };
            case "role-changed" ->
                new Object[] {role(details.path("before"), locale), role(details.path("after"), locale)};
            case "automatic-start-set" -> texts(details, "event", "startsAt");
            case "policy-changed", "automatic-start-changed", "approval-rules-changed" ->
                new Object[] {rule(details.path("before"), locale), rule(details.path("after"), locale)};
            case "session-limits-changed",
                    "entitlement-changed",
                    "mail-server-changed",
                    "retention-changed",
                    "account-changed",
                    "group-renamed" -> texts(details, "before", "after");
            case "bulk-started" ->
                new Object[] {bulk(details, locale), details.path("people").asLong(0)};
            case "bulk-finished" ->
                new Object[] {
                    bulk(details, locale),
                    details.path("done").asLong(0),
                    details.path("notDone").asLong(0)
                };
            case "integrity-broken" -> texts(details, "table", "column", "row");
            case "key-added", "key-in-use", "key-retired" -> texts(details, "key");
            case "entries-removed" -> new Object[] {details.path("count").asLong(0)};
            default -> new Object[0];
        };
        String sentence = messages.getMessage("activity." + entry.kind(), arguments, locale);
        return entry.repeats() == 1
                ? sentence
                : messages.getMessage("activity-page.repeats", new Object[] {sentence, entry.repeats()}, locale);
    }

    /** A reason with what is known of it: "wrong code (the phone’s clock is 4 min 10 s fast)". */
    private String explained(String reason, JsonNode details, Locale locale) {
        String[] known = details.path("explanation").asString("").split(" ", 2);
        String key = switch (known[0]) {
            case "fast" -> "explained.fast";
            case "slow" -> "explained.slow";
            case "used" -> "explained.used";
            case "older" -> "explained.older";
            default -> "";
        };
        if (key.isEmpty()) {
            return reason;
        }
        Object[] offset = known.length == 1
                ? new Object[0]
                : new Object[] {durations.exactly(Duration.ofSeconds(Long.parseLong(known[1])), locale)};
        return reason + " (" + messages.getMessage(key, offset, locale) + ")";
    }

    private String rule(JsonNode logged, Locale locale) {
        return rules.of(logged.asString(""), locale);
    }

    private String role(JsonNode logged, Locale locale) {
        return rules.role(logged.asString(""), locale);
    }

    private String bulk(JsonNode details, Locale locale) {
        return messages.getMessage("bulk." + details.path("action").asString(""), null, locale);
    }

    private static Object[] texts(JsonNode details, String... fields) {
        return Stream.of(fields).map(field -> details.path(field).asString("")).toArray();
    }

    /** The day of an instant in ISO form. */
    private static String date(String instant) {
        return instant.length() >= 10 ? instant.substring(0, 10) : instant;
    }

    /** The minute of an instant in ISO form. */
    private static String minute(String instant) {
        return instant.length() >= 16 ? instant.substring(0, 16).replace('T', ' ') + " UTC" : instant;
    }

    private String ways(JsonNode ways, Locale locale) {
        List<String> words = new ArrayList<>();
        ways.forEach(way -> words.add(messages.getMessage(
                switch (way.asString("")) {
                    case "PASSWORD" -> "way.password";
                    case "TOTP" -> "way.code";
                    case "PUSH" -> "way.phone";
                    case "REPLACEMENT" -> "way.replacement-code";
                    default -> "way.recovery-code";
                },
                null,
                locale)));
        return String.join(", ", words);
    }

    private String word(String prefix, JsonNode value, Locale locale) {
        String key = prefix + value.asString("").toLowerCase(Locale.ROOT).replace('_', '-');
        return messages.getMessage(key, null, locale);
    }
}
