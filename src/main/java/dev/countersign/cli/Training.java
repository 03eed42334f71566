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
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a server in training is asked: its pages, and sign-ins over REST with password and code. It asks with the smallest client
 * Java has: what the client loads and calls often would be kept for each start too, of a server that never calls it.
 */
final class Training {
    private static final int PAGES = 3;
    /** Hashing takes next to nothing here: so many in some seconds, to know what is worth compiling. */
    private static final int SIGN_INS = 500;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String USERNAME = "bea";

    private final RunningServer server;
    private final QuickClock clock;
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

    void run() throws IOException {
        for (int i = 0; i < PAGES; i++) {
            exchange(request("/sign-in"));
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

    private void signIn(String password, String code) throws IOException {
        JsonNode begun = post(
                request("/api/v1/sign-ins"), "{\"username\":\"" + USERNAME + "\",\"password\":\"" + password + "\"}");
        String attempt = "/api/v1/sign-ins/" + begun.path("id").asString() + "/answers";
        JsonNode done = post(
                authorized(request(attempt), begun.path("token")), "{\"factor\":\"totp\",\"code\":\"" + code + "\"}");
        exchange(authorized(request("/api/v1/session"), done.path("session").path("token")));
    }

    private HttpURLConnection request(String path) throws IOException {
        URI address = URI.create("http://127.0.0.1:" + server.port() + path);
        HttpURLConnection request = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        request.setConnectTimeout((int) PATIENCE.toMillis());
        request.setReadTimeout((int) PATIENCE.toMillis());
        return request;
    }

    private static HttpURLConnection authorized(HttpURLConnection request, JsonNode token) {
        request.setRequestProperty("Authorization", "Bearer " + token.asString());
        return request;
    }

    private JsonNode post(HttpURLConnection request, String body) throws IOException {
        request.setRequestMethod("POST");
        request.setRequestProperty("Content-Type", "application/json");
        request.setDoOutput(true);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        request.setFixedLengthStreamingMode(bytes.length);
        try (OutputStream out = request.getOutputStream()) {
            out.write(bytes);
        }
        return exchange(request);
    }

    private JsonNode exchange(HttpURLConnection request) throws IOException {
        if (request.getResponseCode() / 100 != 2) {
            throw new IllegalStateException("the training was answered " + request.getResponseCode());
        }
        try (InputStream in = request.getInputStream()) {
            byte[] body = in.readAllBytes();
            return "application/json".equals(request.getContentType()) ? json.readTree(body) : json.nullNode();
        }
    }
}
