package dev.countersign.durability;

import dev.countersign.activity.Actor;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.durability.Model.Code;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Rules;
import dev.countersign.signin.Caller;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.store.Database;
import dev.countersign.support.RestClient;
import dev.countersign.support.RestClient.Reply;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sequences of {@link Move}s, played on a server over REST and on a model; each sequence has people of its own. */
final class Played implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    /** How often a password really is hashed: what is not hashed takes the same way from there. */
    private static final int CHECKED_ONE_IN = Boolean.getBoolean("countersign.long") ? 4 : 16;

    private static final String SIGNED_IN = "sign-in-completed";
    private static final String RESET = "two-factor-reset";
    private static final String DELETED = "account-deleted";

    private TestServer server;
    private RestClient client;
    private final Map<String, Integer> told = new TreeMap<>();
    private final Map<String, Long> succeeded = new TreeMap<>();
    private int sequence;
    private long newestEntry;
    private int addresses;
    private String administrator = "";
    private List<Somebody> people = new ArrayList<>();
    private List<String> sessions = new ArrayList<>();

    Played(TestServer server) {
        this.server = server;
        this.client = connect(server);
        server.person("model-administrator", Role.ADMINISTRATOR);
    }

    private static RestClient connect(TestServer server) {
        try {
            return new RestClient(server.port());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a person holds. */
    private static final class Somebody {
        final String username;
        Optional<Account> account;
        Optional<TestAuthenticator> app = Optional.empty();
        Optional<Half> half = Optional.empty();
        String usedCode = "";

        Somebody(String username, Account account) {
            this.username = username;
            this.account = Optional.of(account);
        }
    }

    private record Half(String id, String token) {}

    /** How often each answer was told. */
    Map<String, Integer> told() {
        return told;
    }

    /** AC-223: one entry of the log for each success of this sequence, and none without. */
    private Optional<Difference> unlogged(int last) {
        Map<String, Long> logged = new TreeMap<>();
        server.get(Database.class)
                .sql()
                .sql("SELECT kind, count(*) AS entries FROM activity WHERE sequence > ? GROUP BY kind")
                .param(newestEntry)
                .query(row -> {
                    logged.put(row.getString("kind"), row.getLong("entries"));
                });
        logged.keySet().retainAll(List.of(SIGNED_IN, RESET, DELETED));
        return logged.equals(succeeded)
                ? Optional.empty()
                : Optional.of(new Difference(last, "the log has " + logged + " instead of " + succeeded));
    }

    private void count(Move.Kind kind, String answer) {
        if (answer.equals(Model.IN)) {
            succeeded.merge(SIGNED_IN, 1L, Long::sum);
        } else if (kind == Move.Kind.RESET && answer.equals(Model.DONE)) {
            succeeded.merge(RESET, 1L, Long::sum);
        } else if (kind == Move.Kind.DELETE && answer.equals(Model.DONE)) {
            succeeded.merge(DELETED, 1L, Long::sum);
        }
    }

    /** What a step said that the model does not say. */
    record Difference(int step, String text) {}

    /** Plays all moves, up to the first difference. */
    Optional<Difference> play(List<Move> moves, int size, IntFunction<Model> makeModel) {
        begin(size);
        Model model = makeModel.apply(size);
        for (int number = 0; number < moves.size(); number++) {
            Move move = moves.get(number);
            boolean checked = move.extra() % CHECKED_ONE_IN == 0;
            for (int i = 0; i < move.times(); i++) {
                String expected = expected(model, move, checked);
                String actual = actual(move, checked);
                told.merge(actual, 1, Integer::sum);
                count(move.kind(), actual);
                if (!actual.equals(expected)) {
                    return Optional.of(
                            new Difference(number, move + ": '" + actual + "' instead of '" + expected + "'"));
                }
            }
        }
        return unlogged(moves.size() - 1);
    }

    private void begin(int size) {
        sequence++;
        succeeded.clear();
        newestEntry = server.count("SELECT coalesce(max(sequence), 0) FROM activity");
        server.clock().advance(Duration.ofHours(1));
        administrator = "Bearer " + key();
        people = new ArrayList<>();
        sessions = new ArrayList<>();
        for (int who = 0; who < size; who++) {
            String username = "s" + sequence + "-p" + who;
            people.add(new Somebody(username, server.person(username)));
        }
        changeMode(Model.Mode.REQUIRED);
    }

    private String key() {
        Account owner = server.get(Accounts.class)
                .findByTypedName(server.environment().id(), "model-administrator")
                .orElseThrow();
        ApiKeys.Creation creation = server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "program " + sequence,
                                Scopes.parse(Scopes.allNames().stream()
                                                .filter(name -> !name.equals("operator"))
                                                .toList())
                                        .orElseThrow(),
                                now().plus(Duration.ofDays(300))),
                        new ApiKeys.Giver.CommandLine(),
                        ACTOR,
                        Origin.SYSTEM,
                        now());
        return ((ApiKeys.Creation.Created) creation).secret().reveal();
    }

    private String expected(Model model, Move move, boolean checked) {
        int who = move.who();
        Instant now = now();
        return switch (move.kind()) {
            case SIGN_IN -> model.signIn(who, checked, Code.RIGHT, now);
            case SIGN_IN_WITH_WRONG_CODE -> model.signIn(who, checked, Code.WRONG, now);
            case SIGN_IN_WITH_USED_CODE -> model.signIn(who, checked, Code.AGAIN, now);
            case WRONG_PASSWORD -> checked ? model.wrongPassword(who, now) : Model.DONE;
            case BEGIN -> model.begin(who, now);
            case FINISH -> model.finish(who, Code.RIGHT, now);
            case PRESENT -> model.present(move.extra(), now);
            case PRESENT_UNFINISHED -> Model.REFUSED;
            case SIGN_OUT -> model.signOut(move.extra(), now);
            case RESET -> model.reset(who);
            case END_SESSIONS -> model.endSessions(who);
            case DISABLE -> model.disable(who);
            case ENABLE -> model.enable(who);
            case UNLOCK -> model.unlock(who);
            case DELETE -> model.delete(who);
            case CREATE -> model.create(who);
            case CHANGE_MODE -> model.changeMode(mode(move));
            case WAIT, RESTART -> Model.DONE;
        };
    }

    private String actual(Move move, boolean checked) {
        Somebody somebody = people.get(move.who());
        return switch (move.kind()) {
            case SIGN_IN -> signIn(somebody, checked, Code.RIGHT);
            case SIGN_IN_WITH_WRONG_CODE -> signIn(somebody, checked, Code.WRONG);
            case SIGN_IN_WITH_USED_CODE -> signIn(somebody, checked, Code.AGAIN);
            case WRONG_PASSWORD -> checked ? wrongPassword(somebody) : Model.DONE;
            case BEGIN -> begin(somebody);
            case FINISH -> finish(somebody);
            case PRESENT -> session("GET", move.extra());
            case PRESENT_UNFINISHED -> presentUnfinished(somebody);
            case SIGN_OUT -> session("DELETE", move.extra());
            case RESET -> administer(somebody, "POST", "/reset");
            case END_SESSIONS -> administer(somebody, "DELETE", "/sessions");
            case DISABLE -> administer(somebody, "POST", "/disable");
            case ENABLE -> administer(somebody, "POST", "/enable");
            case UNLOCK -> administer(somebody, "POST", "/unlock");
            case DELETE -> delete(somebody);
            case CREATE -> create(somebody);
            case CHANGE_MODE -> changeMode(mode(move));
            case WAIT -> pass(move.extra());
            case RESTART -> restart();
        };
    }

    private static Model.Mode mode(Move move) {
        // Mostly what makes things happen.
        return Model.Mode.values()[Math.min(2, move.extra() % 4)];
    }

    private String pass(int seconds) {
        server.clock().advance(Duration.ofSeconds(seconds));
        return Model.DONE;
    }

    private String restart() {
        server = server.restart();
        client = connect(server);
        return Model.DONE;
    }

    private Instant now() {
        return server.clock().instant();
    }

    private Reply send(String method, String path, String authorization, Map<String, ?> body) {
        try {
            // An address of its own each time: what is counted is what one person may do.
            String address = "10.%d.%d.%d".formatted(++addresses >> 16 & 255, addresses >> 8 & 255, addresses & 255);
            Reply reply = client.send(
                    method, path, address, authorization, body.isEmpty() ? "" : JSON.writeValueAsString(body));
            if (reply.status() >= 500) {
                throw new AssertionError(method + " " + path + ": " + reply);
            }
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(Reply reply) {
        return reply.body().startsWith("{") ? JSON.readTree(reply.body()) : JSON.createObjectNode();
    }

    /** Where a sign-in is after its password, and its token. */
    private record Begun(Reply reply, Half half) {}

    private Begun password(Somebody somebody, boolean checked, String password) {
        Account account = somebody.account.orElseThrow();
        if (!checked && !server.get(Accounts.class).get(account.id()).isDisabled()) {
            return pastPassword(account);
        }
        Reply reply = send("POST", "/api/v1/sign-ins", "", Map.of("username", somebody.username, "password", password));
        JsonNode body = json(reply);
        return new Begun(
                reply, new Half(body.path("id").asString(""), body.path("token").asString("")));
    }

    /** What follows a right password, without the work of hashing. */
    private Begun pastPassword(Account account) {
        Proof proof = new Proof(FactorKind.PASSWORD, account.id(), Proof.Means.ANSWERED, now());
        Caller caller = new Caller(Origin.SYSTEM, Channel.BEARER, Optional.empty());
        Step step = server.get(SignInService.class).continueAs(account, proof, Target.ACCOUNT, caller, now());
        return switch (step) {
            case Step.At(var held) -> {
                Half half = new Half(
                        held.state().heading().id().value(), held.token().reveal());
                Reply reply = send("GET", "/api/v1/sign-ins/" + half.id(), "Bearer " + half.token(), Map.of());
                yield new Begun(reply, half);
            }
            case Step.Done(var issued, var _) ->
                new Begun(
                        new Reply(
                                200,
                                "{\"state\":\"complete\",\"session\":{\"token\":\""
                                        + issued.token().reveal() + "\"}}",
                                false),
                        new Half("", ""));
            default -> new Begun(new Reply(401, "", false), new Half("", ""));
        };
    }

    private String signIn(Somebody somebody, boolean checked, Code code) {
        if (somebody.account.isEmpty()) {
            return Model.NOBODY;
        }
        boolean disabled =
                server.get(Accounts.class).get(somebody.account.get().id()).isDisabled();
        if (disabled && !checked) {
            return Model.REFUSED;
        }
        Begun begun = password(somebody, checked, TestServer.PASSWORD);
        if (json(begun.reply()).path("state").asString("").equals("asked")) {
            return goOn(somebody, answer(somebody, begun.half(), code), begun.half());
        }
        return goOn(somebody, begun.reply(), begun.half());
    }

    private Reply answer(Somebody somebody, Half half, Code code) {
        TestAuthenticator app = somebody.app.orElseThrow();
        String typed = switch (code) {
            case RIGHT -> app.code();
            case WRONG -> app.wrongCode();
            case AGAIN -> somebody.usedCode;
        };
        Reply reply = enrol(half, "totp", "code", typed);
        somebody.usedCode = reply.isSuccess() ? typed : somebody.usedCode;
        return reply;
    }

    private Reply enrol(Half half, String factor, String field, String typed) {
        return send(
                "POST",
                "/api/v1/sign-ins/" + half.id() + "/answers",
                "Bearer " + half.token(),
                Map.of("factor", factor, field, typed));
    }

    /** Registers whatever has to be registered, to the end. */
    private String goOn(Somebody somebody, Reply first, Half half) {
        Reply reply = first;
        while (reply.isSuccess() && json(reply).path("state").asString("").equals("must-enrol")) {
            JsonNode register = json(reply).path("register");
            reply = switch (register.path("factor").asString("")) {
                case "totp" -> enrolApp(somebody, half, register.path("secret").asString(""));
                case "recovery" -> {
                    String code = register.path("recoveryCode").asString("");
                    yield enrol(half, "recovery", "code", code.substring(code.length() - 4));
                }
                default -> enrol(half, "password", "password", TestServer.PASSWORD);
            };
        }
        String token = json(reply).path("session").path("token").asString("");
        if (!token.isEmpty()) {
            sessions.add(token);
            return Model.IN;
        }
        return switch (reply.status()) {
            case 401 -> Model.REFUSED;
            case 429 -> Model.WAIT;
            default -> reply.toString();
        };
    }

    private Reply enrolApp(Somebody somebody, Half half, String secret) {
        somebody.app = Optional.of(TestAuthenticator.ofText(secret, server.clock()));
        somebody.usedCode = somebody.app.get().code();
        return enrol(half, "totp", "code", somebody.usedCode);
    }

    private String wrongPassword(Somebody somebody) {
        if (somebody.account.isEmpty()) {
            return Model.NOBODY;
        }
        return goOn(somebody, password(somebody, true, "not the password").reply(), new Half("", ""));
    }

    private String begin(Somebody somebody) {
        if (somebody.account.isEmpty()) {
            return Model.NOBODY;
        }
        if (server.get(Accounts.class).get(somebody.account.get().id()).isDisabled()) {
            return Model.REFUSED;
        }
        Begun begun = password(somebody, false, TestServer.PASSWORD);
        JsonNode body = json(begun.reply());
        if (body.path("state").asString("").equals("asked")) {
            somebody.half = Optional.of(begun.half());
            return Model.ASKED;
        }
        return body.path("register").path("factor").asString("").equals("totp")
                ? "must enrol"
                : goOn(somebody, begun.reply(), begun.half());
    }

    private String finish(Somebody somebody) {
        if (somebody.account.isEmpty()) {
            return Model.NOBODY;
        }
        Half half = somebody.half.orElse(new Half("a", "A".repeat(43)));
        somebody.half = Optional.empty();
        return somebody.app.isEmpty() ? Model.REFUSED : goOn(somebody, answer(somebody, half, Code.RIGHT), half);
    }

    private String presentUnfinished(Somebody somebody) {
        String token = somebody.half.map(Half::token).orElse("B".repeat(43));
        return told(send("GET", "/api/v1/session", "Bearer " + token, Map.of()));
    }

    private String session(String method, int number) {
        return sessions.isEmpty()
                ? Model.NOBODY
                : told(send(method, "/api/v1/session", "Bearer " + sessions.get(number % sessions.size()), Map.of()));
    }

    private String administer(Somebody somebody, String method, String what) {
        return somebody.account
                .map(account -> told(send(method, "/api/v1/people/" + account.id() + what, administrator, Map.of())))
                .orElse(Model.NOBODY);
    }

    private String delete(Somebody somebody) {
        String done = administer(somebody, "DELETE", "");
        somebody.account = Optional.empty();
        somebody.half = Optional.empty();
        somebody.app = Optional.empty();
        return done;
    }

    private String create(Somebody somebody) {
        boolean free = somebody.account.isEmpty();
        somebody.account = somebody.account.or(() -> Optional.of(server.person(somebody.username)));
        return free ? Model.DONE : Model.NOBODY;
    }

    private String changeMode(Model.Mode mode) {
        server.policy(Rules.Mode.valueOf(mode.name()));
        return Model.DONE;
    }

    private static String told(Reply reply) {
        return switch (reply.status()) {
            case 200, 204 -> Model.DONE;
            case 401 -> Model.REFUSED;
            case 404 -> Model.NOBODY;
            default -> reply.toString();
        };
    }

    @Override
    public void close() {
        server.close();
    }
}
