package dev.countersign.durability;

import dev.countersign.durability.Journal.Change;
import dev.countersign.durability.Journal.Fate;
import dev.countersign.durability.Journal.Line;
import dev.countersign.durability.Journal.Once;
import dev.countersign.durability.Town.Citizen;
import dev.countersign.factor.totp.Totp;
import dev.countersign.support.FakePhone;
import dev.countersign.support.Population.Person;
import dev.countersign.support.RestClient;
import dev.countersign.support.RestClient.Reply;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One client at a time of a server that may stop in the midst of anything: it does what people do and writes what it was told
 * into the journal. A broken connection, and a server that says it cannot, end what it does with {@link Broken}.
 */
final class Traffic implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Clock CLOCK = Clock.systemUTC();
    private static final String NEW_PASSWORD = "a quite different battery";

    private final Journal journal;
    private final String administrator;
    private final String url;
    private final RestClient client;

    Traffic(Journal journal, Town town, int port) throws IOException {
        this.journal = journal;
        this.administrator = town.administrator();
        this.url = "http://localhost:" + port;
        this.client = new RestClient(port);
    }

    /** The server is gone, or says that it cannot. */
    static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        Broken(String what, Throwable cause) {
            super(what, cause);
        }
    }

    private interface Call {
        Reply run() throws IOException;
    }

    private interface Written {
        void as(Fate fate);
    }

    /** Sends something and writes what became of it, whatever that is. */
    private Reply send(String what, Call call, Written written) throws IOException {
        Reply reply;
        try {
            reply = call.run();
        } catch (IOException e) {
            written.as(Fate.UNKNOWN);
            throw new Broken(what, e);
        }
        if (reply.status() >= 500) {
            journal.add(new Line.Failed(what + ": " + reply.body(), reply.status(), reply.retryAfter()));
            written.as(Fate.UNKNOWN);
            throw new Broken(what, null);
        }
        written.as(reply.isSuccess() ? Fate.DONE : Fate.REFUSED);
        return reply;
    }

    /** The same with what throws other exceptions when the server is gone. */
    private static Call unwrapped(Supplier<Reply> call) {
        return () -> {
            try {
                return call.get();
            } catch (IllegalStateException e) {
                if (e.getCause() instanceof IOException broken) {
                    throw broken;
                }
                throw e;
            }
        };
    }

    private static void nothing(Fate fate) {
        // What only looks changes nothing.
    }

    /** Does what somebody is going to do. */
    void live(Citizen citizen) throws IOException {
        Person person = citizen.person();
        switch (citizen.plan()) {
            case SIGN_IN -> signInWithAllCodes(person);
            case ENROL -> enrol(person);
            case BE_RESET -> beReset(person);
            case NEW_PASSWORD -> chooseNewPassword(citizen);
            case APPROVE -> approve(citizen);
            case GUESS -> guess(person, 7);
            case BE_DISABLED -> beDisabled(person);
        }
    }

    /** What may be tried once more when the server is back. */
    void tryAgain(Citizen citizen) throws IOException {
        Person person = citizen.person();
        switch (citizen.plan()) {
            case SIGN_IN -> signInWithAllCodes(person);
            case NEW_PASSWORD -> chooseNewPassword(citizen);
            case GUESS -> guess(person, 3);
            case ENROL, BE_RESET, APPROVE, BE_DISABLED -> {}
        }
    }

    /** Presents every session token of these people. */
    void presentAll(java.util.Set<String> people) throws IOException {
        for (Line.SignedIn signedIn : journal.lines(Line.SignedIn.class)) {
            if (people.contains(signedIn.person())) {
                present(signedIn.token());
            }
        }
    }

    private void signInWithAllCodes(Person person) throws IOException {
        // The codes before and after the one shown are accepted too, each later one after each earlier one.
        long shown = Totp.DEFAULT.step(Instant.now(CLOCK));
        for (long step = shown - 1; step <= shown + 1; step++) {
            signIn(person, step);
        }
        signIn(person, shown + 1);
        begin(person, "wrong " + TestServer.PASSWORD);
    }

    private String signIn(Person person, long step) throws IOException {
        JsonNode begun = begin(person, TestServer.PASSWORD);
        return begun.path("state").asString("").equals("asked") ? answer(person, begun, step) : "";
    }

    /** Sends the code of a period; the session token, if one came. */
    private String answer(Person person, JsonNode begun, long step) throws IOException {
        Once code = new Once("totp", person.username(), Long.toString(step));
        Reply reply = answer(person, begun, "totp", person.code(step), fate -> journal.add(new Line.Used(code, fate)));
        return signedIn(person, reply);
    }

    private String signedIn(Person person, Reply reply) throws IOException {
        String token = json(reply).path("session").path("token").asString("");
        if (!token.isEmpty()) {
            journal.add(new Line.Lifted(person.username()));
            journal.add(new Line.SignedIn(person.username(), token));
            present(token);
        }
        return token;
    }

    private Reply answer(Person person, JsonNode begun, String factor, String code, Written written)
            throws IOException {
        String body = "{\"factor\":\"" + factor + "\",\"code\":\"" + code + "\"}";
        String path = "/api/v1/sign-ins/" + begun.path("id").asString("") + "/answers";
        String bearer = "Bearer " + begun.path("token").asString("");
        return send("answer " + factor, () -> client.send("POST", path, person.address(), bearer, body), written);
    }

    /** Begins a sign-in with a password; what it answers is the same for everybody without the right one. */
    private JsonNode begin(Person person, String password) throws IOException {
        boolean right = !password.startsWith("wrong");
        if (right) {
            journal.add(new Line.KnewPassword(person.username()));
        }
        Reply reply = begin(person.username(), password, person.address());
        JsonNode begun = json(reply);
        if (!right && reply.status() == 401) {
            outside(person.username(), reply);
            outside("nobody", begin("nobody-" + person.username(), password, person.address()));
        } else if (!begun.path("token").asString("").isEmpty()) {
            String half = begun.path("token").asString("");
            Reply knocked = send(
                    "knock",
                    () -> client.send("GET", "/api/v1/session", person.address(), "Bearer " + half, ""),
                    Traffic::nothing);
            journal.add(new Line.Knocked("a sign-in that has not finished", knocked.status()));
        }
        return begun;
    }

    private Reply begin(String username, String password, String address) throws IOException {
        String body = "{\"username\":\"" + username + "\",\"password\":\"" + password + "\"}";
        return send("begin", () -> client.send("POST", "/api/v1/sign-ins", address, "", body), Traffic::nothing);
    }

    private void outside(String name, Reply reply) {
        String told = reply.status() + " " + reply.body().replaceAll("\"requestId\":\"[^\"]*\"", "");
        journal.add(new Line.Outside(name, told));
    }

    /** Shows a session token; another person than its owner must not come of it. */
    private void present(String token) throws IOException {
        Reply reply = send(
                "session",
                () -> client.send("GET", "/api/v1/session", "127.0.0.1", "Bearer " + token, ""),
                Traffic::nothing);
        if (reply.status() == 200 || reply.status() == 401) {
            journal.add(new Line.Presented(
                    token, reply.status() == 200, json(reply).path("username").asString("")));
        }
    }

    private void enrol(Person person) throws IOException {
        JsonNode begun = begin(person, TestServer.PASSWORD);
        String signIn = begun.path("id").asString("");
        String secret = begun.path("register").path("secret").asString("");
        if (secret.isEmpty()) {
            return;
        }
        journal.add(new Line.Secret(secret, signIn));
        String code = TestAuthenticator.ofText(secret, CLOCK).code();
        Reply confirmed = answer(
                person,
                begun,
                "totp",
                code,
                fate -> journal.add(new Line.Changed(Change.ENROLLED, person.username(), fate)));
        String recovery = json(confirmed).path("register").path("recoveryCode").asString("");
        if (recovery.isEmpty()) {
            return;
        }
        journal.add(new Line.Secret(recovery, signIn));
        Once last = new Once("confirmed recovery code", person.username(), recovery);
        Reply done = answer(
                person,
                begun,
                "recovery",
                recovery.substring(recovery.length() - 4),
                fate -> journal.add(new Line.Used(last, fate)));
        signedIn(person, done);
        // The code that confirmed the app is used up.
        JsonNode again = begin(person, TestServer.PASSWORD);
        Once confirming = new Once("confirming code", person.username(), code);
        journal.add(new Line.Used(confirming, Fate.DONE));
        signedIn(person, answer(person, again, "totp", code, fate -> journal.add(new Line.Used(confirming, fate))));
    }

    private void beReset(Person person) throws IOException {
        long shown = Totp.DEFAULT.step(Instant.now(CLOCK));
        String before = signIn(person, shown);
        administer(person, "reset", Change.RESET);
        journal.add(new Line.Lifted(person.username()));
        if (!before.isEmpty()) {
            present(before);
        }
        enrol(person);
    }

    private void beDisabled(Person person) throws IOException {
        String before = signIn(person, Totp.DEFAULT.step(Instant.now(CLOCK)));
        administer(person, "disable", Change.DISABLED);
        if (!before.isEmpty()) {
            present(before);
        }
        signIn(person, Totp.DEFAULT.step(Instant.now(CLOCK)) + 1);
    }

    private void administer(Person person, String what, Change change) throws IOException {
        send(
                what,
                () -> client.send(
                        "POST", "/api/v1/people/" + person.account() + "/" + what, person.address(), administrator, ""),
                fate -> {
                    journal.add(new Line.Changed(change, person.username(), fate));
                    journal.add(new Line.Ended(person.username(), "", fate));
                });
    }

    private void chooseNewPassword(Citizen citizen) throws IOException {
        Person person = citizen.person();
        String before = signIn(person, Totp.DEFAULT.step(Instant.now(CLOCK)));
        TestBrowser browser = new TestBrowser(url).header("X-Forwarded-For", person.address());
        send("open link", unwrapped(() -> reply(browser.get("/link?token=" + citizen.link()))), Traffic::nothing);
        for (int i = 0; i < 2; i++) {
            followLink(citizen, browser);
        }
        if (!before.isEmpty()) {
            present(before);
        }
    }

    /** Any redirect of the form means that it was done. */
    private void followLink(Citizen citizen, TestBrowser browser) throws IOException {
        String username = citizen.person().username();
        Once link = new Once("link", username, citizen.link());
        Call post = unwrapped(() -> {
            Reply reply = reply(
                    browser.post("/link", "token", citizen.link(), "password", NEW_PASSWORD, "again", NEW_PASSWORD));
            return reply.status() == 303 ? new Reply(200, "", false) : reply;
        });
        send("link", post, fate -> {
            journal.add(new Line.Used(link, fate));
            journal.add(new Line.Changed(Change.PASSWORD, username, fate));
            journal.add(new Line.Ended(username, "", fate));
            journal.add(new Line.Lifted(username));
        });
    }

    private static Reply reply(TestBrowser.Reply reply) {
        return new Reply(
                reply.status(), reply.body(), reply.header("Retry-After").isPresent());
    }

    private void approve(Citizen citizen) throws IOException {
        Person person = citizen.person();
        FakePhone phone = citizen.phone().orElseThrow();
        JsonNode begun = begin(person, TestServer.PASSWORD);
        String digits = "";
        for (JsonNode offered : begun.path("offer")) {
            digits = offered.path("digits").asString(digits);
        }
        Reply waiting = send("requests", unwrapped(() -> reply(phone.requests())), Traffic::nothing);
        JsonNode request = json(waiting).path("requests").path(0);
        if (digits.isEmpty() || request.isMissingNode()) {
            return;
        }
        String id = request.path("id").asString("");
        String decision = phone.decision(request, "approve", digits);
        for (int i = 0; i < 2; i++) {
            Once decided = new Once("decision", person.username(), id);
            send("decide", unwrapped(() -> reply(phone.decide(id, decision))), fate -> {
                journal.add(new Line.Used(decided, fate));
                journal.add(new Line.Changed(Change.APPROVED, person.username(), fate));
            });
        }
        for (int i = 0; i < 2; i++) {
            Once approval = new Once("approval", person.username(), id);
            signedIn(person, answer(person, begun, "push", "", fate -> journal.add(new Line.Used(approval, fate))));
        }
    }

    private static Reply reply(FakePhone.Reply reply) {
        return new Reply(reply.status(), reply.body(), reply.status() == 503);
    }

    private void guess(Person person, int times) throws IOException {
        JsonNode begun = begin(person, TestServer.PASSWORD);
        String wrong = new TestAuthenticator(person.secret(), CLOCK).wrongCode();
        for (int guess = 0; guess < times; guess++) {
            Instant sent = Instant.now(CLOCK);
            Reply reply = answer(person, begun, "totp", wrong, Traffic::nothing);
            journal.add(new Line.Guessed(person.username(), sent, Instant.now(CLOCK), reply.status() == 401));
        }
    }

    /** Whether the server does what it is for. */
    boolean isServing(Person person) throws IOException {
        try {
            return begin(person, TestServer.PASSWORD).path("token").isString();
        } catch (Broken e) {
            return false;
        }
    }

    private static JsonNode json(Reply reply) {
        return reply.body().startsWith("{") ? JSON.readTree(reply.body()) : JSON.createObjectNode();
    }

    /** How long a restart may take, measured where nothing else runs. */
    static final Duration LONGEST_RESTART = Duration.ofSeconds(10);

    @Override
    public void close() throws IOException {
        client.close();
    }
}
