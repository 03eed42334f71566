package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.Refusal;
import dev.countersign.alert.Alert;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Role;
import dev.countersign.mail.Mail;
import dev.countersign.moving.Reason;
import dev.countersign.people.PersonStatus;
import dev.countersign.policy.Why;
import dev.countersign.session.Notice;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The texts people read: complete, the same in every language, and in words people use. */
class MessagesTest {
    /** Fields of a line of the log, named as the Elastic Common Schema does: they look like keys of texts. */
    private static final Set<String> LOG_FIELDS = Set.of("error.type", "trace.id");

    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final Path SOURCES = Path.of("src/main/java");

    /** Keys that are put together at run time. What they are put together from is tested below. */
    private static final List<String> PUT_TOGETHER = List.of(
            "mail-kind.",
            "status.",
            "finding.",
            "bulk.",
            "activity.",
            "role.",
            "policy.why.",
            "ended.",
            "refusal.",
            "error.",
            "problem.",
            "notice.",
            "permission.",
            "alert.",
            "reminder.",
            "console.import-why.");

    /** Words of our trade that nobody who signs in has to know. */
    private static final Pattern JARGON = Pattern.compile(
            "\\b(TOTP|OTP|HOTP|MFA|seeds?|tokens?|jetons?|authenticate\\w*|authentifizieren|authentifi(er|ez|é)\\w*"
                    + "|authenticeer\\w*|credentials?|session[ -]?id|sitzungs-?id|sessie-?id|hash\\w*|payload|invalid|null)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CHARACTER_CLASS);

    enum Language {
        ENGLISH("messages.properties", Locale.ENGLISH),
        GERMAN("messages_de.properties", Locale.GERMAN),
        FRENCH("messages_fr.properties", Locale.FRENCH),
        DUTCH("messages_nl.properties", Locale.of("nl"));

        private final String file;
        private final Locale locale;

        Language(String file, Locale locale) {
            this.file = file;
            this.locale = locale;
        }

        Map<String, String> texts() {
            return read(RESOURCES.resolve("messages").resolve(file));
        }
    }

    private final Map<String, String> english = Language.ENGLISH.texts();

    @Test
    void every_language_of_the_product_has_its_file() {
        assertThat(Stream.of(Language.values()).map(language -> language.locale))
                .containsExactlyInAnyOrderElementsOf(Languages.ALL);
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void the_keys_are_those_of_english_in_the_same_order(Language language) {
        assertThat(List.copyOf(language.texts().keySet())).isEqualTo(List.copyOf(english.keySet()));
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void every_text_takes_the_arguments_of_the_english_one(Language language) {
        language.texts()
                .forEach((key, text) -> assertThat(arguments(text))
                        .as("%s in %s", key, language.file)
                        .isEqualTo(arguments(english.getOrDefault(key, text))));
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void every_text_is_a_pattern_that_says_something(Language language) {
        language.texts().forEach((key, text) -> {
            String where = key + " in " + language.file;
            assertThat(text).as(where).isNotBlank().doesNotContain("'").doesNotContain("TODO");
            assertThatCode(() -> new MessageFormat(text, language.locale).format(new Object[] {1, "a", 2, 3}))
                    .as(where)
                    .doesNotThrowAnyException();
        });
    }

    @ParameterizedTest
    @EnumSource(Language.class)
    void people_read_no_jargon(Language language) {
        List<String> found = new ArrayList<>();
        language.texts().forEach((key, text) -> {
            Matcher word = JARGON.matcher(text);
            if (!key.startsWith("console.") && word.find()) {
                found.add(key + ": " + word.group());
            }
        });
        assertThat(found).as(language.file).isEmpty();
    }

    @Test
    void every_key_is_used() {
        Set<String> used = keysIn(templates() + sources() + companion());
        assertThat(english.keySet().stream()
                        .filter(key -> PUT_TOGETHER.stream().noneMatch(key::startsWith))
                        .filter(key -> !used.contains(key)))
                .isEmpty();
    }

    @Test
    void every_key_that_is_put_together_can_be() {
        Set<String> possible = new TreeSet<>(required());
        Set<String> used = keysIn(templates() + sources());
        assertThat(english.keySet().stream()
                        .filter(key -> PUT_TOGETHER.stream().anyMatch(key::startsWith))
                        .filter(key -> !possible.contains(key) && !used.contains(key)))
                .isEmpty();
    }

    @Test
    void every_key_in_a_template_exists() {
        Set<String> missing = new TreeSet<>();
        Matcher key = Pattern.compile("#\\{([a-zA-Z0-9.-]+)|#messages\\.msg\\('([a-zA-Z0-9.-]+)'")
                .matcher(templates());
        while (key.find()) {
            String name = key.group(1) == null ? key.group(2) : key.group(1);
            if (!english.containsKey(name)) {
                missing.add(name);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void every_key_in_a_source_exists() {
        String families = english.keySet().stream()
                .map(key -> key.substring(0, key.indexOf('.')))
                .distinct()
                .collect(Collectors.joining("|"));
        Matcher key = Pattern.compile("\"((" + families + ")(\\.[a-z0-9-]*[a-z0-9])+)\"")
                .matcher(sources());
        Set<String> missing = new TreeSet<>();
        while (key.find()) {
            if (!english.containsKey(key.group(1)) && !LOG_FIELDS.contains(key.group(1))) {
                missing.add(key.group(1));
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void every_key_in_the_companion_exists() {
        Matcher key = Pattern.compile("'(companion(\\.[a-z0-9-]+)+)'").matcher(companion());
        Set<String> missing = new TreeSet<>();
        while (key.find()) {
            if (!english.containsKey(key.group(1))) {
                missing.add(key.group(1));
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everything_that_can_happen_has_its_text() {
        assertThat(required().stream().filter(key -> !english.containsKey(key))).isEmpty();
    }

    private static String diagnosis() {
        Path module = SOURCES.resolve("dev/countersign/diagnosis");
        return text(module.resolve("MachineCheck.java")) + text(module.resolve("Diagnosis.java"));
    }

    /** The keys that code puts together from constants. */
    private static Set<String> required() {
        Set<String> keys = new TreeSet<>();
        for (Class<?> event : ActivityEvent.class.getPermittedSubclasses()) {
            keys.add("activity." + ActivityEvent.kindOf(event.asSubclass(ActivityEvent.class)));
        }
        for (Why.Rule rule : Why.Rule.values()) {
            keys.add(Why.of(rule).messageKey());
        }
        for (Permission permission : Permission.values()) {
            keys.add("permission." + permission.wireName());
        }
        for (Role role : Role.values()) {
            keys.add("role." + role.wireName());
        }
        for (Class<?> mail : Mail.class.getPermittedSubclasses()) {
            keys.add("mail-kind."
                    + mail.getSimpleName()
                            .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                            .toLowerCase(Locale.ROOT));
        }
        keys.add("mail-kind.forgotten-name");
        addAll(keys, "ended.", ActivityEvent.EndReason.values());
        addAll(keys, "refusal.", ActivityEvent.Refusal.values());
        addAll(keys, "alert.", Alert.Kind.values());
        addAll(keys, "console.import-why.", Reason.Code.values());
        addAll(keys, "reminder.", Notice.Kind.values());
        addAll(keys, "problem.", Accounts.Problem.values());
        addAll(keys, "problem.password-", PasswordRules.Problem.values());
        addAll(keys, "problem.admin-", Refusal.values());
        addAll(keys, "status.", PersonStatus.values());
        Matcher findings = Pattern.compile("Finding\\s*\\.(?:red|warning)\\(\\s*Subject\\.\\w+,\\s*\"([a-z-]+)\"")
                .matcher(diagnosis());
        while (findings.find()) {
            keys.add("finding." + findings.group(1));
        }
        addAll(keys, "bulk.", BulkAction.Kind.values());
        String pageModel = text(SOURCES.resolve("dev/countersign/web/PageModel.java"));
        names(pageModel, "PROBLEMS").forEach(name -> keys.add("problem." + name));
        names(pageModel, "NOTICES").forEach(name -> keys.add("notice." + name));
        Matcher statuses = Pattern.compile("EXPLAINED = Set\\.of\\(([0-9, ]+)\\)")
                .matcher(text(SOURCES.resolve("dev/countersign/web/ErrorPages.java")));
        assertThat(statuses.find()).as("the statuses ErrorPages explains").isTrue();
        for (String status : statuses.group(1).split(", *", -1)) {
            keys.add("error." + status + ".title");
            keys.add("error." + status + ".text");
        }
        return keys;
    }

    private static List<String> names(String source, String set) {
        Matcher all = Pattern.compile(set + " = Set\\.of\\(([^)]+)\\)").matcher(source);
        assertThat(all.find()).as("the set %s", set).isTrue();
        return Pattern.compile("\"([a-z-]+)\"")
                .matcher(all.group(1))
                .results()
                .map(name -> name.group(1))
                .toList();
    }

    private static void addAll(Set<String> keys, String prefix, Enum<?>[] constants) {
        for (Enum<?> constant : constants) {
            keys.add(prefix + constant.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
    }

    /** Everything that could be a key and stands there whole, not as part of something longer. */
    private static Set<String> keysIn(String text) {
        return Pattern.compile("[a-zA-Z0-9.-]+")
                .matcher(text)
                .results()
                .map(java.util.regex.MatchResult::group)
                .collect(Collectors.toSet());
    }

    private static Set<String> arguments(String text) {
        return Pattern.compile("\\{(\\d)")
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String templates() {
        return all(RESOURCES.resolve("templates"), ".html");
    }

    /** The scripts of the companion, which look their texts up by key. */
    private static String companion() {
        return all(RESOURCES.resolve("static/companion"), ".js");
    }

    private static String sources() {
        return all(SOURCES, ".java");
    }

    private static String all(Path directory, String end) {
        try (Stream<Path> files = Files.walk(directory)) {
            String text = files.filter(file -> file.toString().endsWith(end))
                    .map(MessagesTest::text)
                    .collect(Collectors.joining("\n"));
            assertThat(text).as("files in %s", directory).isNotEmpty();
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The texts in the order of the file; a key that is there twice fails. */
    private static Map<String, String> read(Path file) {
        Map<String, String> texts = new LinkedHashMap<>();
        Properties ordered = new Properties() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Object put(Object key, Object value) {
                assertThat(texts).as("%s, a key that is there twice", file).doesNotContainKey(key.toString());
                return texts.put(key.toString(), value.toString());
            }
        };
        try (Reader reader = Files.newBufferedReader(file)) {
            ordered.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }
}
