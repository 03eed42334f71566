package dev.countersign.cli;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Origin;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.setup.DemoData;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a server in training is asked: its pages, and sign-ins over REST with password and code. */
final class Training implements AutoCloseable {
    private static final int PAGES = 3;
    /** Hashing takes next to nothing here: so many in some seconds, to know what is worth compiling. */
    private static final int SIGN_INS = 500;

    private static final String USERNAME = "bea";

    private final RunningServer server;
    private final QuickClock clock;
    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonMapper json = JsonMapper.builder().build();

    Training(RunningServer server, QuickClock clock) {
        this.server = server;
        this.clock = clock;
    }

    /** A clock that is put forward between two sign-ins, because each needs a code of its own. */
    static final class QuickClock extends Clock {
        private final AtomicReference<Instant> now;
        private final ZoneId zone;

        QuickClock(Clock start) {
            this.now = new AtomicReference<>(start.instant());
            this.zone = start.getZone();
        }

        void toNextCode() {
            now.updateAndGet(instant -> instant.plus(Totp.DEFAULT.period()));
        }

        @Override
        public Instant instant() {
            return now.get();
        }

        @Override
        public ZoneId getZone() {
            return zone;
        }

        @Override
        public Clock withZone(ZoneId other) {
            return this;
        }
    }

    void run() throws IOException, InterruptedException {
        for (int i = 0; i < PAGES; i++) {
            exchange(request("/sign-in").GET());
        }
        String password =
                server.get(DemoData.class).create(server.defaultEnvironment()).password();
        SecretBytes secret = setUp();
        for (int i = 0; i < SIGN_INS; i++) {
            clock.toNextCode();
            signIn(password, Totp.DEFAULT.code(secret, Totp.DEFAULT.step(clock.instant())));
        }
    }

    /** Gives the person an app and a recovery code, and demands both factors. */
    private SecretBytes setUp() {
        Instant now = clock.instant();
        Account account = server.get(Accounts.class)
                .findByTypedName(server.defaultEnvironment().id(), USERNAME)
                .orElseThrow();
        SecretBytes secret = server.get(Apps.class).newSecret();
        RecoveryCodes codes = server.get(RecoveryCodes.class);
        Policies policies = server.get(Policies.class);
        Rules rules = new Rules(
                Rules.Mode.REQUIRED,
                new Rules.Scope.Everyone(),
                policies.rules(account.environment()).version());
        boolean done = server.get(Database.class).write(() -> {
            SecretText code = codes.issue(account, Actor.SYSTEM, Origin.SYSTEM, now);
            codes.confirm(account, code, Actor.SYSTEM, Origin.SYSTEM, now);
            return server.get(Apps.class)
                            .register(account, secret, Totp.DEFAULT.step(now), Actor.SYSTEM, Origin.SYSTEM, now)
                    && policies.change(account.environment(), rules, Actor.SYSTEM, Origin.SYSTEM, now);
        });
        if (!done) {
            throw new IllegalStateException("the training could not be prepared");
        }
        return secret;
    }

    private void signIn(String password, String code) throws IOException, InterruptedException {
        JsonNode begun = exchange(
                post("/api/v1/sign-ins", "{\"username\":\"" + USERNAME + "\",\"password\":\"" + password + "\"}"));
        JsonNode done = exchange(post(
                        "/api/v1/sign-ins/" + begun.path("id").asString() + "/answers",
                        "{\"factor\":\"totp\",\"code\":\"" + code + "\"}")
                .header("Authorization", "Bearer " + begun.path("token").asString()));
        JsonNode token = done.path("session").path("token");
        exchange(request("/api/v1/session").header("Authorization", "Bearer " + token.asString()));
    }

    private HttpRequest.Builder post(String path, String body) {
        return request(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    private JsonNode exchange(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException("the training was answered " + response.statusCode());
        }
        return response.body().startsWith("{") ? json.readTree(response.body()) : json.nullNode();
    }

    @Override
    public void close() {
        client.close();
    }
}
