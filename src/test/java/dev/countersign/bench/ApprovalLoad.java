package dev.countersign.bench;

import dev.countersign.activity.Actor;
import dev.countersign.cli.RunningServer;
import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.factor.companion.Phone;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.store.Database;
import dev.countersign.store.Times;
import dev.countersign.support.FakePhone;
import dev.countersign.support.RestClient;
import dev.countersign.support.TestServer;
import dev.countersign.vault.PhoneKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** People whose password was right and whose browsers wait for their phones, which then say OK one after another. */
final class ApprovalLoad {
    private static final int PEOPLE_PER_TRANSACTION = 200;

    /** As phones and browsers know the server: by a name without a port. */
    private static final String ORIGIN = "http://localhost";

    private static final String API = "/api/companion/v1";
    private static final Actor ACTOR = new Actor(Optional.empty(), "bench");

    /** As late as a server believes a moment: 10,000 browsers are not there within the minute a request lives. */
    private static final Duration AHEAD = Times.AHEAD.minusSeconds(10);

    private final List<Waiting> all;

    private ApprovalLoad(List<Waiting> all) {
        this.all = all;
    }

    /** Someone's phone, and the sign-in their browser holds. */
    record Waiting(int number, FakePhone phone, String token, String digits) {
        String address() {
            return "10.%d.%d.%d".formatted(number >> 16 & 255, number >> 8 & 255, number & 255);
        }
    }

    List<Waiting> all() {
        return all;
    }

    /** Prepares so many in the data of a server that is not running. */
    static ApprovalLoad prepare(Path data, int count) {
        Map<SettingKey, String> options = Map.of(SettingKey.DATA, data.toString(), SettingKey.PORT, "0");
        try (RunningServer server = RunningServer.start(
                SettingsLoader.load(options, Map.of(), Optional.empty()), TestServer.parts(Clock.systemUTC()))) {
            Preparation preparation = new Preparation(server);
            preparation.askWhoHasPhones();
            List<Paired> paired = inTransactions(server, count, preparation::pair);
            Instant then = Clock.systemUTC().instant().plus(AHEAD);
            return new ApprovalLoad(
                    inTransactions(server, count, number -> preparation.ask(number, paired.get(number), then)));
        }
    }

    private static <T> List<T> inTransactions(RunningServer server, int count, IntFunction<T> work) {
        List<T> all = new ArrayList<>();
        while (all.size() < count) {
            int first = all.size();
            int last = Math.min(count, first + PEOPLE_PER_TRANSACTION);
            all.addAll(server.get(Database.class)
                    .write(() -> IntStream.range(first, last).mapToObj(work).toList()));
        }
        return List.copyOf(all);
    }

    private record Paired(Account account, FakePhone phone) {}

    private static final class Preparation {
        private final RunningServer server;
        private final EnvironmentId environment;
        private final Instant now = Clock.systemUTC().instant();

        Preparation(RunningServer server) {
            this.server = server;
            this.environment = server.defaultEnvironment().id();
        }

        void askWhoHasPhones() {
            Policies policies = server.get(Policies.class);
            long version = policies.rules(environment).version();
            Rules rules = new Rules(Rules.Mode.OPTIONAL, new Rules.Scope.Everyone(), version);
            policies.change(environment, rules, ACTOR, Origin.SYSTEM, now);
        }

        Paired pair(int number) {
            String username = "person" + number;
            NewAccount typed = new NewAccount(username, "Person " + number, username + "@northwind.example", Role.USER);
            Accounts.Creation creation =
                    server.get(Accounts.class).create(environment, typed, ACTOR, Origin.SYSTEM, now);
            Account account = ((Accounts.Creation.Created) creation).account();
            return new Paired(account, phone(account));
        }

        Waiting ask(int number, Paired paired, Instant then) {
            Held held = pastPassword(paired.account(), then);
            Approval asked = server.get(SignInService.class).approval(held).orElseThrow();
            return new Waiting(number, paired.phone(), held.token().reveal(), asked.digits());
        }

        private FakePhone phone(Account account) {
            FakePhone phone = new FakePhone(ORIGIN, Clock.systemUTC());
            Pairings pairings = server.get(Pairings.class);
            Pairing pairing = pairings.begin(account, "bench", ORIGIN, Locale.ENGLISH, now)
                    .pairing();
            PhoneKey key =
                    PhoneKey.of(phone.jwk().get("x"), phone.jwk().get("y")).orElseThrow();
            pairings.claim(pairing, new Pairing.Offer(key, "Pixel"), now);
            Pairing claimed = pairings.find(environment, pairing.id()).orElseThrow();
            Phone paired = pairings.confirm(account, claimed, ACTOR, Origin.SYSTEM, now)
                    .orElseThrow();
            return phone.pairedAs(paired.id().value(), account.id().value());
        }

        private Held pastPassword(Account account, Instant then) {
            Proof proof = new Proof(FactorKind.PASSWORD, account.id(), Proof.Means.ANSWERED, then);
            Caller caller = new Caller(Origin.SYSTEM, Channel.COOKIE, Optional.empty());
            Step step = server.get(SignInService.class).continueAs(account, proof, Target.ACCOUNT, caller, then);
            return ((Step.At) step).held();
        }
    }

    /** One phone after another says OK, at this pace; when each did, in nanoseconds. */
    long[] approve(int port, int count, double perSecond) throws IOException {
        long[] at = new long[count];
        try (RestClient client = new RestClient(port)) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                Waiting one = all.get(i);
                JsonNode request = request(client, one);
                String path = "/requests/" + request.path("id").asString() + "/decision";
                String body = "{\"decision\":\"" + one.phone().decision(request, "approve", one.digits()) + "\"}";
                String proof = "Phone " + one.phone().proof("POST", path, body);
                pause(start + (long) (i / perSecond * 1e9));
                at[i] = System.nanoTime();
                RestClient.Reply reply = client.send("POST", API + path, one.address(), proof, body);
                if (!reply.isSuccess()) {
                    throw new IllegalStateException("the phone's OK was answered " + reply);
                }
            }
        }
        return at;
    }

    private static JsonNode request(RestClient client, Waiting one) throws IOException {
        String proof = "Phone " + one.phone().proof("GET", "/requests", "");
        RestClient.Reply reply = client.send("GET", API + "/requests", one.address(), proof, "");
        JsonNode requests =
                new FakePhone.Reply(reply.status(), reply.body()).json().path("requests");
        if (requests.isEmpty()) {
            throw new IllegalStateException("no request waits: " + reply);
        }
        return requests.get(0);
    }

    private static void pause(long until) {
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
