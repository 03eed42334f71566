package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.countersign.configuration.SettingKey;
import dev.countersign.factor.totp.Base32;
import dev.countersign.metrics.Metrics;
import dev.countersign.store.Database;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.SecretBytes;
import dev.countersign.web.Access;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Catalogue L, P and R: secrets that turn up where they do not belong. */
class SecretsTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(Map.of(), "SELECT name FROM sqlite_master WHERE type = 'table'");
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(
                    Map.of(
                            SettingKey.DATABASE_URL,
                            TestInstallation.newPostgresqlDatabase(),
                            SettingKey.DATABASE_USER,
                            "postgres"),
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
        }
    }

    /** The log at its most talkative. */
    private static final class Talk implements AutoCloseable {
        private static final List<String> SOURCES = List.of(org.slf4j.Logger.ROOT_LOGGER_NAME, "dev.countersign");

        /** They write down what goes over the wire. No setting of the program makes them talk. */
        private static final List<String> WIRES =
                List.of("org.eclipse.angus.mail", "com.icegreen.greenmail", "org.postgresql");

        private final Logger root = logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final Appender<ILoggingEvent> usual = root.getAppender("stderr");
        private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
        private final Map<String, Optional<Level>> levels = new LinkedHashMap<>();

        Talk() {
            WIRES.forEach(wire -> change(wire, logger(wire).getEffectiveLevel()));
            SOURCES.forEach(source -> change(source, Level.TRACE));
            root.detachAppender(usual);
            logged.start();
            root.addAppender(logged);
        }

        private void change(String source, Level level) {
            levels.put(source, Optional.ofNullable(logger(source).getLevel()));
            logger(source).setLevel(level);
        }

        private static Logger logger(String name) {
            return (Logger) org.slf4j.LoggerFactory.getLogger(name);
        }

        List<ILoggingEvent> events() {
            return List.copyOf(logged.list);
        }

        @Override
        public void close() {
            root.detachAppender(logged);
            root.addAppender(usual);
            levels.forEach((source, level) -> logger(source).setLevel(level.orElse(null)));
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Contract {
        private final LocalPushService pushes = LocalPushService.start();
        private final Postbox post = new Postbox();
        private final String tables;
        private final TestServer server;
        private final Talk talk;
        private final EveryFlow flows;
        private final Path backup = TestInstallation.newDirectory().resolve("backup");

        Contract(Map<SettingKey, String> database, String tables) {
            this.tables = tables;
            Map<SettingKey, String> settings = new EnumMap<>(SettingKey.class);
            settings.put(SettingKey.MANAGEMENT_PORT, "0");
            settings.put(SettingKey.PUSH_ALLOWED_ENDPOINTS, pushes.origin());
            settings.putAll(database);
            this.server = TestServer.start(settings);
            this.talk = new Talk();
            this.flows = new EveryFlow(server, pushes, post);
        }

        @BeforeAll
        void everything_is_kept_in_a_backup_too() {
            flows.backUp(backup);
        }

        @AfterAll
        void stop() {
            talk.close();
            server.close();
            post.close();
            pushes.close();
        }

        /** Six digits are looked for by themselves: inside a longer number or a digest they mean nothing. */
        private static boolean holds(String text, String secret) {
            return secret.matches("\\d{6}")
                    ? Pattern.compile("(?<![0-9A-Za-z])" + secret + "(?![0-9A-Za-z])")
                            .matcher(text)
                            .find()
                    : text.contains(secret);
        }

        /** Which secrets are in this text, whose bytes are its characters. */
        private List<String> secretsIn(String text) {
            List<String> found = new ArrayList<>();
            flows.secrets().forEach((name, secret) -> {
                if (holds(text, secret)) {
                    found.add(name);
                }
            });
            flows.bytes().forEach((name, secret) -> {
                if (text.contains(new String(secret, StandardCharsets.ISO_8859_1))
                        || text.contains(Base32.encode(SecretBytes.of(secret.clone())))) {
                    found.add("the bytes of " + name);
                }
            });
            return found;
        }

        @Test
        void ac_226_the_flows_used_real_secrets() {
            assertThat(flows.secrets()).hasSizeGreaterThan(60);
            assertThat(flows.bytes()).hasSizeGreaterThan(4);
            assertThat(talk.events()).as("it talks").anyMatch(event -> event.getLevel() == Level.TRACE);
        }

        @Test
        void ac_226_no_secret_is_in_the_log_at_any_level() {
            List<String> found = new ArrayList<>();
            for (ILoggingEvent event : talk.events()) {
                String line = event.getMDCPropertyMap()
                        + event.getFormattedMessage()
                        + (event.getThrowableProxy() == null
                                ? ""
                                : ThrowableProxyUtil.asString(event.getThrowableProxy()));
                secretsIn(line).forEach(name -> found.add(name + " by " + event.getLoggerName()));
                if (line.contains(EveryFlow.TYPED_AS_NAME)) {
                    found.add("what was typed as a name by " + event.getLoggerName());
                }
            }
            assertThat(found.stream().distinct()).isEmpty();
        }

        /** Codes of six digits are left out: figures are full of digits. */
        @Test
        void ac_226_no_secret_and_no_name_is_in_the_figures() {
            String scrape = new String(server.get(Metrics.class).scrape(), StandardCharsets.ISO_8859_1);
            assertThat(scrape).contains("countersign_sign_ins_total").doesNotContain("anna", EveryFlow.TYPED_AS_NAME);
            assertThat(scrape.lines()
                            .map(line -> line.replaceFirst(" [0-9.E+-]+$", ""))
                            .flatMap(line -> secretsIn(line).stream()))
                    .isEmpty();
        }

        @Test
        void ac_226_no_secret_is_in_the_activity_log() {
            for (String row : rows("activity")) {
                assertThat(secretsIn(row)).as(row).isEmpty();
                assertThat(row).doesNotContain(EveryFlow.TYPED_AS_NAME);
            }
        }

        @Test
        void ac_250_no_secret_is_readable_in_any_column_of_the_database() {
            List<String> found = new ArrayList<>();
            for (String table : tables()) {
                for (String row : rows(table)) {
                    secretsIn(row).forEach(name -> found.add(name + " in " + table));
                }
            }
            assertThat(found).isEmpty();
            assertThat(rows("password"))
                    .as("not even hashes can be guessed at without the key file")
                    .isNotEmpty()
                    .noneMatch(row -> row.contains("$argon2id"));
        }

        @Test
        void ac_250_no_secret_is_readable_in_any_file_but_the_keys() throws IOException {
            List<Path> files = new ArrayList<>(List.of(backup));
            try (Stream<Path> all = Files.walk(server.directory())) {
                all.filter(Files::isRegularFile)
                        .filter(file -> !file.getFileName().toString().equals("countersign.keys"))
                        .forEach(files::add);
            }
            for (Path file : files) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                assertThat(secretsIn(text).stream().filter(name -> !isSixDigits(name)))
                        .as("%s", file)
                        .isEmpty();
            }
        }

        private boolean isSixDigits(String name) {
            return flows.secrets().getOrDefault(name, "").matches("\\d{6}");
        }

        /** Everything that can be read in the console and over REST, by whoever may read everything. */
        @Test
        void ac_218_no_secret_is_readable_by_an_administrator_or_a_program() throws Exception {
            List<String> unread = new ArrayList<>();
            List<String> found = new ArrayList<>();
            for (Routes.Route route : Routes.of(server)) {
                boolean console = route.access().value() == Access.Level.CONSOLE;
                boolean api = route.access().value() == Access.Level.API
                        || route.access().value() == Access.Level.OPERATOR;
                if (!route.takes("GET") || !(console || api) || route.pattern().endsWith("/live")) {
                    continue;
                }
                String path = filled(route.pattern());
                String read = console ? page(path) : answer(path, route.access().value());
                if (read.isEmpty()) {
                    unread.add(route.pattern());
                }
                secretsIn(read).forEach(name -> found.add(name + " by " + path));
            }
            assertThat(found).isEmpty();
            assertThat(unread).as("answered with nothing").isEmpty();
        }

        private String page(String path) {
            TestBrowser.Reply reply = flows.console().get(path);
            return reply.status() == 200 ? reply.body() : "";
        }

        private String answer(String path, Access.Level level) throws Exception {
            String bearer = level == Access.Level.OPERATOR
                    ? Keys.of(server, flows.administrator(), "operator").bearer()
                    : flows.bearer();
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpResponse<String> reply = client.send(
                        HttpRequest.newBuilder(URI.create(server.url() + path))
                                .header("Authorization", bearer)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                return reply.statusCode() == 200 ? reply.body() : "";
            }
        }

        private String filled(String pattern) {
            if (pattern.equals("/console/api-keys/revoke")) {
                return pattern + "?id=" + flows.identifiers().get("/api/v1/api-keys/");
            }
            return flows.identifiers().entrySet().stream()
                    .filter(known -> pattern.startsWith(known.getKey()))
                    .map(known -> pattern.replaceFirst("\\{[^}]+}", known.getValue()))
                    .findFirst()
                    .orElse(pattern)
                    .replace("{", "%7B")
                    .replace("}", "%7D");
        }

        private List<String> tables() {
            List<String> names = server.get(Database.class)
                    .sql()
                    .sql(tables)
                    .query(String.class)
                    .list();
            assertThat(names).contains("activity", "pending_sign_in", "session", "totp", "setup_link");
            return names;
        }

        /** Every row of a table as text, binary columns byte by byte. */
        private List<String> rows(String table) {
            return server.get(Database.class)
                    .sql()
                    .sql("SELECT * FROM " + table)
                    .query((row, _) -> {
                        StringBuilder text = new StringBuilder();
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            Object value = row.getObject(i);
                            text.append(
                                            value instanceof byte[] bytes
                                                    ? new String(bytes, StandardCharsets.ISO_8859_1)
                                                    : value)
                                    .append('\n');
                        }
                        return text.toString();
                    })
                    .list();
        }
    }
}
