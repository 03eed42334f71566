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
import dev.countersign.policy.Rules;
import dev.countersign.setup.SetupLinks;
import dev.countersign.store.Database;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Token;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Catalogue P and R: secrets that turn up where they do not belong. */
class SecretsTest {
    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.MANAGEMENT_PORT, "0"));
    private static final Logger ROOT = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private static final Appender<ILoggingEvent> STDERR = ROOT.getAppender("stderr");
    private static final ListAppender<ILoggingEvent> LOGGED = new ListAppender<>();
    private static final Map<String, String> SECRETS = new LinkedHashMap<>();
    private static final String TYPED_AS_NAME = "canary-password-in-the-wrong-field";

    private static Level usualLevel = Level.WARN;

    /** Every flow once, with the log at its most talkative. */
    @BeforeAll
    static void run_all_flows() {
        usualLevel = ROOT.getLevel();
        ROOT.detachAppender(STDERR);
        LOGGED.start();
        ROOT.addAppender(LOGGED);
        ROOT.setLevel(Level.TRACE);
        SERVER.policy(Rules.Mode.REQUIRED);
        setUp();
        enrolAndSignIn();
        typeWrongThings();
        signInOverRest();
    }

    @AfterAll
    static void stop() {
        ROOT.setLevel(usualLevel);
        ROOT.detachAppender(LOGGED);
        ROOT.addAppender(STDERR);
        SERVER.close();
    }

    private static void setUp() {
        Token token = SERVER.get(SetupLinks.class)
                .issue(SERVER.environment(), SERVER.clock().instant())
                .orElseThrow();
        SECRETS.put("set-up token", token.reveal());
        String password = secret("set-up password", "canary-set-up-password");
        TestBrowser browser = SERVER.browser();
        browser.get("/setup?token=" + token.reveal());
        browser.post(
                "/setup",
                "token",
                token.reveal(),
                "username",
                "ada",
                "displayName",
                "Ada",
                "email",
                "ada@northwind.example",
                "password",
                password,
                "again",
                password);
        keepCookies("set-up", browser);
    }

    private static String secret(String name, String value) {
        SECRETS.put(name, value);
        return value;
    }

    private static void keepCookies(String flow, TestBrowser browser) {
        browser.cookies().forEach((name, value) -> SECRETS.put(flow + " cookie " + name, value));
    }

    private static TestAuthenticator app = new TestAuthenticator(new byte[20], SERVER.clock());
    private static String recoveryCode = "";

    private static void enrolAndSignIn() {
        Threats.setPassword(SERVER, SERVER.person("anna"), secret("password", "canary-first-password"));
        TestBrowser browser = SERVER.browser();
        TestBrowser.Reply page = browser.follow(browser.signIn("anna", "canary-first-password"));
        keepCookies("enrolment", browser);
        String seed = secret("seed", Pages.secretOn(page));
        app = TestAuthenticator.ofText(seed, SERVER.clock());
        browser.get("/sign-in/enrol/qr.png");
        TestBrowser.Reply recovery =
                browser.follow(browser.post("/sign-in/enrol", "code", secret("enrolment code", app.code())));
        recoveryCode = secret("recovery code", Pages.recoveryCodeOn(recovery));
        browser.get("/sign-in/recovery-code.txt");
        browser.post("/sign-in/recovery-code", "lastGroup", recoveryCode.substring(20));
        keepCookies("session", browser);
        browser.get("/account");
        SERVER.clock().advance(Duration.ofMinutes(6));
        changePassword(browser);
        SERVER.clock().advance(Duration.ofMinutes(1));
    }

    private static void changePassword(TestBrowser browser) {
        browser.get("/account");
        browser.post("/account/password");
        browser.post("/sign-in/password", "password", "canary-first-password");
        browser.post("/sign-in/code", "code", secret("code", app.code()));
        String chosen = secret("new password", "canary-second-password");
        browser.post("/sign-in/new-password", "password", chosen, "again", "canary-mistyped-password");
        SECRETS.put("mistyped password", "canary-mistyped-password");
        browser.post("/sign-in/new-password", "password", chosen, "again", chosen);
        keepCookies("changed", browser);
    }

    private static void typeWrongThings() {
        TestBrowser browser = SERVER.browser();
        browser.signIn("anna", secret("wrong password", "canary-wrong-password"));
        browser.signIn(TYPED_AS_NAME, "anna");
        browser.signIn("anna", "canary-second-password");
        browser.post("/sign-in/code", "code", secret("wrong code", app.wrongCode()));
        browser.post("/sign-in/recovery", "code", secret("wrong recovery code", "CNRYCNRYCNRYCNRYCNRYCNRY"));
        browser.post("/sign-in/recovery", "code", recoveryCode);
        TestBrowser.Reply page = browser.get("/sign-in/recovery-code");
        SECRETS.put("second recovery code", Pages.recoveryCodeOn(page));
        keepCookies("recovery", browser);
        String form = "application/x-www-form-urlencoded";
        browser.postRaw("/sign-in", form, "username=anna&password=canary-undecodable-%zz");
        SECRETS.put("undecodable password", "canary-undecodable");
    }

    private static void signInOverRest() {
        RestClient client = new RestClient(SERVER);
        RestClient.Reply begun = client.begin("anna", "canary-second-password");
        SECRETS.put("bearer of the sign-in", begun.text("token"));
        RestClient.Begun signIn = new RestClient.Begun(begun.text("id"), begun.text("token"));
        SERVER.clock().advance(Duration.ofMinutes(1));
        RestClient.Reply done = client.code(signIn, secret("code over REST", app.code()));
        client.session("Bearer " + done.text("session.token"));
        SERVER.person("bea");
        SERVER.policy(Rules.Mode.OPTIONAL);
        String token = client.begin("bea", TestServer.PASSWORD).text("session.token");
        SECRETS.put("bearer of the session", token);
        client.session("Bearer " + token);
        for (String broken : List.of(
                "{\"password\": canary-broken-json}", "{\"password\":\"canary-broken-json\"", "canary-broken-json")) {
            client.postRaw("/api/v1/sign-ins", "", "application/json", broken);
            client.postRaw("/api/v1/sign-ins", "", "text/plain", broken);
        }
        SECRETS.put("broken JSON", "canary-broken-json");
    }

    /** Six digits are looked for by themselves: inside a longer number they mean nothing. */
    private static boolean holds(String text, String secret) {
        return secret.matches("\\d{6}")
                ? Pattern.compile("(?<!\\d)" + secret + "(?!\\d)").matcher(text).find()
                : text.contains(secret);
    }

    @Test
    void ac_226_the_flows_used_real_secrets() {
        assertThat(SECRETS)
                .hasSizeGreaterThan(20)
                .allSatisfy((name, value) -> assertThat(value).as(name).hasSizeGreaterThanOrEqualTo(6));
        assertThat(LOGGED.list).isNotEmpty();
    }

    @Test
    void ac_226_no_secret_is_in_the_log_at_any_level() {
        List<String> found = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(LOGGED.list)) {
            String line = event.getMDCPropertyMap()
                    + event.getFormattedMessage()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            SECRETS.forEach((name, value) -> {
                if (holds(line, value)) {
                    found.add(name + " by " + event.getLoggerName());
                }
            });
            if (line.contains(TYPED_AS_NAME)) {
                found.add("what was typed as a name by " + event.getLoggerName());
            }
        }
        assertThat(found.stream().distinct()).isEmpty();
    }

    /** Codes of six digits are left out: figures are full of digits. */
    @Test
    void ac_226_no_secret_and_no_name_is_in_the_figures() {
        String scrape = new String(SERVER.get(Metrics.class).scrape(), StandardCharsets.UTF_8);
        assertThat(scrape).contains("countersign_sign_ins_total").doesNotContain("anna", TYPED_AS_NAME);
        SECRETS.forEach((name, value) -> assertThat(value.matches("\\d{6}") || !scrape.contains(value))
                .as(name)
                .isTrue());
    }

    @Test
    void ac_226_no_secret_is_in_the_activity_log() {
        for (String row : rows("activity")) {
            SECRETS.forEach((name, value) ->
                    assertThat(holds(row, value)).as("%s in %s", name, row).isFalse());
            assertThat(row).doesNotContain(TYPED_AS_NAME);
        }
    }

    @Test
    void ac_250_no_secret_is_readable_in_any_column_of_the_database() {
        SecretBytes seed = SecretBytes.of(seedBytes());
        assertThat(Base32.encode(seed)).isEqualTo(SECRETS.get("seed"));
        List<String> found = new ArrayList<>();
        for (String table : tables()) {
            for (String row : rows(table)) {
                SECRETS.forEach((name, value) -> {
                    if (holds(row, value)) {
                        found.add(name + " in " + table);
                    }
                });
                if (row.contains(new String(seedBytes(), StandardCharsets.ISO_8859_1))) {
                    found.add("the bytes of the seed in " + table);
                }
            }
        }
        assertThat(found).isEmpty();
        assertThat(rows("password"))
                .as("not even hashes can be guessed at without the key file")
                .isNotEmpty()
                .noneMatch(row -> row.contains("$argon2id"));
    }

    private static byte[] seedBytes() {
        String text = SECRETS.getOrDefault("seed", "");
        byte[] bytes = new byte[20];
        BigInteger number = BigInteger.ZERO;
        for (char c : text.toCharArray()) {
            number = number.shiftLeft(5).or(BigInteger.valueOf("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c)));
        }
        for (int i = 19; i >= 0; i--) {
            bytes[i] = number.byteValue();
            number = number.shiftRight(8);
        }
        return bytes;
    }

    private static List<String> tables() {
        List<String> tables = SERVER.get(Database.class)
                .sql()
                .sql("SELECT name FROM sqlite_master WHERE type = 'table'")
                .query(String.class)
                .list();
        assertThat(tables).contains("activity", "pending_sign_in", "session", "totp", "setup_link");
        return tables;
    }

    /** Every row of a table as text, binary columns byte by byte. */
    private static List<String> rows(String table) {
        return SERVER.get(Database.class)
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
