package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.policy.Rules;
import dev.countersign.safekeeping.Backup;
import dev.countersign.safekeeping.Progress;
import dev.countersign.setup.SetupLinks;
import dev.countersign.store.Database;
import dev.countersign.support.FakePhone;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.Postbox;
import dev.countersign.support.PushSubscriber;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Everything in which a secret is typed, shown, sent or made, once, and what those secrets were. */
final class EveryFlow {
    /** What somebody typed where the name belongs. */
    static final String TYPED_AS_NAME = "canary-password-in-the-wrong-field";

    private static final String BCRYPT = "$2b$04$CanaryCanaryCanaryCanaOuqEPQTcnIkHGzYcYzeNnIvQ0wQKCz9C";
    private static final Pattern TYPED_CODE = Pattern.compile("(?s)class=\"key-text\">(.*?)</p>");
    private static final Pattern PAIRING = Pattern.compile("#pair=([a-z0-9]+)");
    private static final Pattern READ_OUT = Pattern.compile("(?s)id=\"read-out-code\">(.*?)</p>");
    private static final Pattern API_KEY = Pattern.compile("<code id=\"api-key\">([^<]+)</code>");
    private static final Pattern DIGITS = Pattern.compile("<output>(\\d+)</output>");

    private final TestServer server;
    private final LocalPushService pushes;
    private final Postbox post;
    private final RestClient rest;
    private final Map<String, String> secrets = new LinkedHashMap<>();
    private final Map<String, byte[]> bytes = new LinkedHashMap<>();
    private final Map<String, String> identifiers = new LinkedHashMap<>();
    private final TestServer.Enrolled ada;

    private TestBrowser console;
    private String key = "";

    /**
     * @param server an empty one, that may send to this push service
     * @param post takes its mails
     */
    EveryFlow(TestServer server, LocalPushService pushes, Postbox post) {
        this.server = server;
        this.pushes = pushes;
        this.post = post;
        this.rest = new RestClient(server);
        setUp();
        this.ada = server.enrolled("root.console", Role.ADMINISTRATOR);
        this.console = server.browser();
        server.policy(Rules.Mode.REQUIRED);
        enrolAndSignIn();
        signInOverRest();
        openConsole();
        useMailedLinks();
        approveOnPhone();
        replacePhone();
        administerOverRest();
        takeIn();
        keepMailPassword();
        identifiers.put("/api/v1/operator/environments/", server.environment().name());
    }

    /** What must be found nowhere, by what it is. */
    Map<String, String> secrets() {
        return secrets;
    }

    /** The same for secrets that are bytes. */
    Map<String, byte[]> bytes() {
        return bytes;
    }

    /** Signed in as an administrator, with a fresh second factor. */
    TestBrowser console() {
        return console;
    }

    /** With this header a program may read everything. */
    String bearer() {
        return "Bearer " + key;
    }

    Account administrator() {
        return ada.account();
    }

    /** What stands for the identifier in an address, by how the address begins. */
    Map<String, String> identifiers() {
        return identifiers;
    }

    private String secret(String name, String value) {
        assertThat(value).as(name).hasSizeGreaterThanOrEqualTo(6);
        secrets.put(name, value);
        return value;
    }

    private void keepCookies(String flow, TestBrowser browser) {
        browser.cookies().forEach((name, value) -> secret(flow + " cookie " + name, value));
    }

    private void minutesLater(int minutes) {
        server.clock().advance(Duration.ofMinutes(minutes));
    }

    private static String found(Pattern pattern, TestBrowser.Reply page) {
        Matcher matcher = pattern.matcher(page.body());
        assertThat(matcher.find()).as("%s on %s", pattern, page.body()).isTrue();
        return matcher.group(1).replaceAll("<[^>]*>", "").replaceAll("\\s+", "");
    }

    private void setUp() {
        Token token = server.get(SetupLinks.class)
                .issue(server.environment(), server.clock().instant())
                .orElseThrow();
        secret("set-up token", token.reveal());
        String password = secret("set-up password", "canary-set-up-password");
        TestBrowser browser = server.browser();
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

    private void enrolAndSignIn() {
        Threats.setPassword(server, server.person("anna"), secret("password", "canary-first-password"));
        TestBrowser browser = server.browser();
        TestBrowser.Reply page = browser.follow(browser.signIn("anna", "canary-first-password"));
        keepCookies("enrolment", browser);
        String seed = secret("seed", Pages.secretOn(page));
        TestAuthenticator app = TestAuthenticator.ofText(seed, server.clock());
        bytes.put("seed", app.secret());
        browser.get("/sign-in/enrol/qr.png");
        TestBrowser.Reply recovery =
                browser.follow(browser.post("/sign-in/enrol", "code", secret("enrolment code", app.code())));
        String recoveryCode = secret("recovery code", Pages.recoveryCodeOn(recovery));
        browser.get("/sign-in/recovery-code.txt");
        browser.post("/sign-in/recovery-code", "lastGroup", recoveryCode.substring(20));
        keepCookies("session", browser);
        assertThat(browser.get("/account").status()).isEqualTo(200);
        browser.get("/api/authz/forward-auth");
        minutesLater(6);
        changePassword(browser, app);
        minutesLater(1);
        typeWrongThings(app, recoveryCode);
        minutesLater(1);
        overRest("anna", "canary-second-password");
    }

    private void changePassword(TestBrowser browser, TestAuthenticator app) {
        browser.get("/account");
        browser.post("/account/password");
        browser.post("/sign-in/password", "password", "canary-first-password");
        browser.post("/sign-in/code", "code", secret("code", app.code()));
        String chosen = secret("new password", "canary-second-password");
        String mistyped = secret("mistyped password", "canary-mistyped-password");
        browser.post("/sign-in/new-password", "password", chosen, "again", mistyped);
        browser.post("/sign-in/new-password", "password", chosen, "again", chosen);
        keepCookies("changed", browser);
    }

    private void typeWrongThings(TestAuthenticator app, String recoveryCode) {
        TestBrowser browser = server.browser();
        browser.signIn("anna", secret("wrong password", "canary-wrong-password"));
        browser.signIn(TYPED_AS_NAME, "anna");
        browser.signIn("anna", "canary-second-password");
        browser.post("/sign-in/code", "code", secret("wrong code", app.wrongCode()));
        browser.post("/sign-in/recovery", "code", secret("wrong recovery code", "CNRYCNRYCNRYCNRYCNRYCNRY"));
        browser.post("/sign-in/recovery", "code", recoveryCode);
        TestBrowser.Reply page = browser.get("/sign-in/recovery-code");
        secret("second recovery code", Pages.recoveryCodeOn(page));
        keepCookies("recovery", browser);
        String form = "application/x-www-form-urlencoded";
        browser.postRaw("/sign-in", form, "username=anna&password=canary-undecodable-%zz");
        secret("undecodable password", "canary-undecodable");
    }

    private void overRest(String name, String password) {
        RestClient.Reply begun = rest.begin(name, password);
        assertThat(begun.text("state")).isNotEmpty();
        secret("bearer of the sign-in", begun.text("token"));
    }

    private void signInOverRest() {
        TestServer.Enrolled carl = server.enrolled("carl");
        keepOwn("carl", carl);
        RestClient.Begun begun = rest.begun("carl");
        secret("bearer of carl's sign-in", begun.token());
        RestClient.Reply done =
                rest.code(begun, secret("code over REST", carl.app().code()));
        rest.session("Bearer " + secret("bearer of the session", done.text("session.token")));
        for (String broken : List.of(
                "{\"password\": canary-broken-json}", "{\"password\":\"canary-broken-json\"", "canary-broken-json")) {
            rest.postRaw("/api/v1/sign-ins", "", "application/json", broken);
            rest.postRaw("/api/v1/sign-ins", "", "text/plain", broken);
        }
        secret("broken JSON", "canary-broken-json");
    }

    private void keepOwn(String name, TestServer.Enrolled person) {
        bytes.put("seed of " + name, person.app().secret());
        secret("recovery code of " + name, person.recoveryCode());
    }

    private void openConsole() {
        keepOwn("the administrator", ada);
        minutesLater(1);
        console = Pages.signedIn(server, ada);
        keepCookies("console", console);
        console.get("/console/api-keys/new");
        key = secret(
                "API key of the console",
                found(
                        API_KEY,
                        console.post(
                                "/console/api-keys",
                                "name",
                                "everything",
                                "days",
                                "30",
                                "scopes",
                                "view-people",
                                "scopes",
                                "edit-people",
                                "scopes",
                                "reset-factors",
                                "scopes",
                                "view-settings",
                                "scopes",
                                "edit-system-settings",
                                "scopes",
                                "view-activity",
                                "scopes",
                                "manage-api-keys",
                                "scopes",
                                "challenge-people")));
        Account bea = server.person("bea");
        String page = "/console/people/" + bea.id().value() + "/password";
        console.get(page);
        assertThat(console.post(page, "password", secret("password by the console", "canary-console-password"))
                        .status())
                .isEqualTo(303);
    }

    private void mailServer() {
        MailSettings settings = new MailSettings(
                "127.0.0.1", post.port(), MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        server.get(MailServer.class)
                .change(
                        server.environment().id(),
                        settings,
                        Optional.empty(),
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        server.clock().instant());
    }

    private String link(String name, Account to, String subject) {
        String link = post.await(to.email(), subject, 1).link();
        secret(name, link.substring(link.indexOf('=') + 1));
        return link.substring(link.indexOf("/link"));
    }

    private void useMailedLinks() {
        mailServer();
        Account dora = server.person("dora");
        TestBrowser browser = server.browser();
        browser.get("/forgot");
        browser.post("/forgot", "username", "dora");
        String link = link("link for a new password", dora, "Choose a new password");
        browser.get(link);
        String chosen = secret("password by mail", "canary-mailed-password");
        String token = link.substring(link.indexOf('=') + 1);
        assertThat(browser.post("/link", "token", token, "password", chosen, "again", chosen)
                        .location())
                .isEqualTo("/sign-in?notice=password-set");
        link("link of who did not change it", dora, "Your password was changed");
        MailQueue queue = server.get(MailQueue.class);
        server.get(Database.class)
                .write(() -> queue.sendPairing(dora, server.clock().instant()));
        String invitation = link("link for a phone", dora, "Approve sign-ins on your phone");
        browser.get(invitation);
        browser.post("/link", "token", invitation.substring(invitation.indexOf('=') + 1));
        keepCookies("mailed link", browser);
    }

    private void approveOnPhone() {
        minutesLater(10);
        TestServer.Enrolled pia = server.enrolled("pia");
        keepOwn("pia", pia);
        identifiers.put("/console/people/{", pia.account().id().value());
        identifiers.put("/api/v1/people/{", pia.account().id().value());
        String group = server.group("Nurses", pia.account()).id().value();
        identifiers.put("/console/groups/{", group);
        identifiers.put("/api/v1/groups/{", group);
        identifiers.put("/api/v1/exports/", "people");
        TestBrowser browser = Pages.signedIn(server, pia);
        browser.get("/account");
        browser.follow(browser.post("/account/phones/pair"));
        TestBrowser.Reply shown = browser.get("/sign-in/enrol/phone");
        String code = secret("pairing code", found(TYPED_CODE, shown));
        FakePhone phone = new FakePhone(server.url(), server.clock());
        assertThat(phone.claimByCode(code, "Pixel").status()).isEqualTo(200);
        browser.get("/sign-in/enrol/phone");
        assertThat(browser.post("/sign-in/enrol/phone").location()).isEqualTo("/account?notice=phone-paired");
        phone.look(found(PAIRING, shown));
        assertThat(phone.codes()).isNotEmpty();
        bytes.put("codes of the phone", phone.codes());
        PushSubscriber subscriber = pushes.subscriber();
        Map<String, Object> subscription = Map.of(
                "endpoint",
                subscriber.endpoint(),
                "keys",
                Map.of("p256dh", subscriber.p256dh(), "auth", secret("secret of the push", subscriber.auth())));
        assertThat(phone.put("/me/subscription", subscription).status()).isEqualTo(204);
        secret("address of the push", subscriber.endpoint().replaceFirst(".*/", ""));
        minutesLater(1);
        TestBrowser waiting = Pages.pastPassword(server, pia.account());
        String digits = found(DIGITS, waiting.get("/sign-in/approval"));
        assertThat(phone.send("GET", "/requests", "", secret("proof of the phone", phone.proof("GET", "/requests", "")))
                        .status())
                .isEqualTo(200);
        String request = phone.request().path("id").asString();
        String decision = secret("decision of the phone", phone.decision(phone.request(), "approve", digits));
        assertThat(phone.decide(request, decision).status()).isEqualTo(200);
        waiting.get("/sign-in/approval");
        waiting.post("/sign-in/approval");
        assertThat(Pages.isSignedIn(waiting)).isTrue();
        keepCookies("approved", waiting);
        String chosen = secret("password by the phone", "canary-phone-password");
        phone.post("/me/password", Map.of("current", TestServer.PASSWORD, "password", chosen));
    }

    private void replacePhone() {
        TestServer.Enrolled emil = server.enrolled("emil");
        minutesLater(1);
        console = Pages.signedIn(server, ada);
        String page = "/console/people/" + emil.account().id().value() + "/replace-phone";
        console.get(page);
        String code = secret("code that is read out", found(READ_OUT, console.post(page)));
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("emil", TestServer.PASSWORD));
        assertThat(browser.post("/sign-in/replacement", "code", code).location())
                .isEqualTo("/sign-in/enrol");
        secret("seed of the new phone", Pages.secretOn(browser.get("/sign-in/enrol")));
        keepCookies("replaced", browser);
    }

    private void administerOverRest() {
        RestClient.Reply made = rest.exchange(
                "POST",
                "/api/v1/api-keys",
                bearer(),
                Map.of(
                        "name",
                        "second",
                        "scopes",
                        List.of("view-people"),
                        "expiresAt",
                        server.clock().instant().plus(Duration.ofDays(3)).toString()),
                "Idempotency-Key",
                "once-and-again");
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        secret("API key over REST", made.text("secret"));
        identifiers.put("/api/v1/api-keys/", made.text("apiKey.id"));
        TestServer.Enrolled finn = server.enrolled("finn");
        String person = "/api/v1/people/" + finn.account().id().value();
        RestClient.Reply challenge = rest.post("/api/v1/challenges", bearer(), Map.of("username", "finn"));
        String answered = secret("code of a challenge", finn.app().code());
        assertThat(rest.post(
                                "/api/v1/challenges/" + challenge.text("id") + "/answers",
                                bearer(),
                                Map.of("factor", "totp", "code", answered))
                        .status())
                .isEqualTo(200);
        minutesLater(1);
        String verified = secret("code that is verified", finn.app().code());
        assertThat(rest.post(
                                "/api/v1/verifications",
                                bearer(),
                                Map.of("username", "finn", "factor", "totp", "code", verified))
                        .status())
                .isEqualTo(200);
        String chosen = secret("password over REST", "canary-rest-password");
        assertThat(rest.put(person + "/password", bearer(), Map.of("password", chosen))
                        .status())
                .isEqualTo(204);
        secret(
                "code that is read out over REST",
                rest.post(person + "/replace-phone", bearer(), Map.of()).text("code"));
        String job = rest.post(
                        "/api/v1/jobs",
                        bearer(),
                        Map.of(
                                "action",
                                "reset",
                                "people",
                                List.of(finn.account().id().value())))
                .text("id");
        assertThat(rest.put(
                                "/api/v1/policy/automatic-start",
                                bearer(),
                                Map.of("event", "go-live", "scope", Map.of("everyone", true)))
                        .status())
                .isEqualTo(200);
        identifiers.put("/console/jobs/", job);
        identifiers.put("/api/v1/jobs/", job);
    }

    private void takeIn() {
        String seed = secret("seed that was taken in", "CANARYCANARYCANARYCANARYCANARYCA");
        bytes.put(
                "seed that was taken in",
                TestAuthenticator.ofText(seed, server.clock()).secret());
        secret("hash that was taken in", BCRYPT.substring(7));
        String line =
                "{\"username\":\"%s\",\"email\":\"%s@northwind.example\",\"passwordHash\":\"%s\",\"totp\":\"%s\"}\n";
        String address = "otpauth://totp/Old:gina?secret=" + seed + "&issuer=Old";
        String file = line.formatted("gina", "gina", BCRYPT, address)
                + line.formatted("hans", "hans", secret("hash of no kind", "canary-hash-of-no-kind"), address)
                + line.formatted("ines", "ines", BCRYPT, "otpauth://canary-no-address")
                + "{\"username\":\"jan\", canary-broken-line\n";
        secret("app of no kind", "canary-no-address");
        secret("broken line", "canary-broken-line");
        console = console.fork();
        console.get("/console/people/import");
        TestBrowser.Reply preview =
                console.postFile("/console/people/import", "people.jsonl", file.getBytes(StandardCharsets.UTF_8));
        console.get(preview.location());
        identifiers.put("/console/people/import/", preview.location().replaceFirst(".*/", ""));
        RestClient.Reply taken = rest.putRaw("/api/v1/imports/jsonl", bearer(), "application/jsonl", file);
        assertThat(taken.status()).as(taken.body().toString()).isEqualTo(200);
        identifiers.put("/api/v1/imports/", taken.text("run"));
        String groups = "/console/groups/import";
        console.get(groups);
        TestBrowser.Reply table = console.postFile(
                groups, "groups.csv", "group,member,nested\nSales,anna,\n".getBytes(StandardCharsets.UTF_8));
        identifiers.put("/console/groups/import/", table.location().replaceFirst(".*/", ""));
    }

    /** Nobody listens there: what goes wrong is written down too. */
    private void keepMailPassword() {
        minutesLater(1);
        console = Pages.signedIn(server, ada);
        console.get("/console/mail/edit");
        assertThat(console.post(
                                "/console/mail",
                                "host",
                                "127.0.0.1",
                                "port",
                                "1",
                                "security",
                                "tls",
                                "username",
                                "mailer",
                                "password",
                                secret("password of the mail server", "canary-smtp-password"),
                                "fromAddress",
                                "login@northwind.example",
                                "fromName",
                                "Northwind",
                                "locale",
                                "en")
                        .status())
                .isEqualTo(303);
        console.post("/console/mail/test");
    }

    /** Makes a backup in this file. */
    void backUp(Path file) {
        Map<SettingKey, String> settings = new EnumMap<>(server.settings());
        settings.put(SettingKey.DATA, server.directory().toString());
        Backup.write(
                SettingsLoader.load(settings, Map.of(), Optional.empty()),
                file,
                SecretText.of(secret("passphrase of the backup", "canary-passphrase-of-the-backup")),
                new Randomness(),
                server.clock().instant(),
                Progress.SILENT);
    }
}
