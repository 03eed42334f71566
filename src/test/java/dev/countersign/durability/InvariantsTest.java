package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.durability.Journal.Change;
import dev.countersign.durability.Journal.Fate;
import dev.countersign.durability.Journal.Line;
import dev.countersign.durability.Journal.Once;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker of the durability tests finds what it is there to find: one planted violation of each invariant at least. */
class InvariantsTest {
    private static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");
    private static final Once FIRST = new Once("totp", "bea", "1");
    private static final Once SECOND = new Once("totp", "bea", "2");

    /** Bea set up her app, signed in with two codes, was reset and set it up again; Ada administers. */
    private static final class World {
        final Journal journal = new Journal();
        final List<Evidence.Account> accounts = new ArrayList<>();
        final List<Evidence.Session> sessions = new ArrayList<>();
        final List<Evidence.Entry> log = new ArrayList<>();
        final List<Evidence.Approval> approvals = new ArrayList<>();
        final List<Evidence.Budget> budgets = new ArrayList<>();

        World() {
            accounts.add(new Evidence.Account("ada-id", "ada", "ADMINISTRATOR", false, true, false));
            accounts.add(new Evidence.Account("bea-id", "bea", "USER", false, true, true));
            tell(new Line.KnewPassword("bea"));
            tell(new Line.Secret("seed", "sign-in-1"), new Line.Secret("seed", "sign-in-1"));
            tell(new Line.Changed(Change.ENROLLED, "bea", Fate.DONE));
            write("app-enrolled", null);
            signIn(FIRST, "session-1", "token-1");
            tell(new Line.Used(FIRST, Fate.REFUSED));
            tell(new Line.Changed(Change.RESET, "bea", Fate.DONE), new Line.Ended("bea", "", Fate.DONE));
            write("two-factor-reset", null);
            write("session-ended", "session-1");
            tell(new Line.Presented("token-1", false, ""));
            tell(new Line.Changed(Change.ENROLLED, "bea", Fate.UNKNOWN));
            write("app-enrolled", null);
            signIn(SECOND, "session-2", "token-2");
            sessions.add(new Evidence.Session("session-2", "bea-id", "password:ANSWERED:1,totp:ANSWERED:1"));
            tell(new Line.Presented("token-2", true, "bea"));
            tell(new Line.Changed(Change.APPROVED, "bea", Fate.DONE));
            write("approval-given", null);
            approvals.add(new Evidence.Approval("request", "bea-id", "APPROVED"));
            guess(NOW);
            budgets.add(new Evidence.Budget("second:bea-id", 1, 1));
            tell(new Line.Outside("bea", "401 refused"), new Line.Outside("nobody", "401 refused"));
            tell(new Line.Knocked("a sign-in", 401), new Line.Failed("a sign-in", 503, true));
        }

        void tell(Line... lines) {
            Stream.of(lines).forEach(journal::add);
        }

        void guess(Instant at) {
            tell(new Line.Guessed("bea", at, at, true));
        }

        void signIn(Once code, String session, String token) {
            tell(new Line.Used(code, Fate.DONE), new Line.SignedIn("bea", token));
            write("sign-in-completed", session);
        }

        void write(String kind, String session) {
            log.add(new Evidence.Entry(log.size() + 1L, kind, "bea-id", Optional.ofNullable(session)));
        }

        List<String> violated() {
            return Invariants.violated(journal, new Evidence(true, accounts, sessions, log, approvals, budgets));
        }
    }

    private interface Plant {
        void into(World world);
    }

    private record Planted(String invariant, String what, Plant plant) {
        @Override
        public String toString() {
            return invariant + ": " + what;
        }
    }

    static Stream<Planted> violations() {
        return Stream.of(
                new Planted("INV-1", "a sign-in opens something", w -> w.tell(new Line.Knocked("a sign-in", 200))),
                new Planted("INV-1", "a password is enough", w -> {
                    w.sessions.clear();
                    w.sessions.add(new Evidence.Session("session-2", "bea-id", "password:ANSWERED:1"));
                }),
                new Planted("INV-2", "a code twice", w -> w.tell(new Line.Used(SECOND, Fate.DONE))),
                new Planted("INV-2", "more sign-ins than codes", w -> {
                    w.write("sign-in-completed", "session-3");
                    w.sessions.add(new Evidence.Session("session-3", "bea-id", "totp:ANSWERED:1"));
                }),
                new Planted("INV-3", "a sixth guess at once", w -> {
                    for (int guess = 0; guess < 5; guess++) {
                        w.guess(NOW);
                    }
                    w.budgets.clear();
                    w.budgets.add(new Evidence.Budget("second:bea-id", 6, 6));
                }),
                new Planted("INV-3", "more than a day has", w -> {
                    for (int guess = 0; guess < 20; guess++) {
                        w.guess(NOW.plusSeconds(900L * (guess + 1)));
                    }
                    w.budgets.clear();
                    w.budgets.add(new Evidence.Budget("second:bea-id", 21, 21));
                }),
                new Planted("INV-3", "a guess that is not counted", w -> w.guess(NOW)),
                new Planted("INV-4", "a session the log does not have", w -> w.log.remove(w.log.size() - 2)),
                new Planted(
                        "INV-4", "a session the table does not have", w -> w.write("sign-in-completed", "session-2b")),
                new Planted("INV-4", "a reset the log does not have", w -> {
                    w.log.removeIf(entry -> entry.kind().equals("two-factor-reset"));
                }),
                new Planted("INV-4", "a reset nobody asked for", w -> w.write("two-factor-reset", null)),
                new Planted("INV-5", "an error", w -> w.tell(new Line.Failed("a sign-in", 500, false))),
                new Planted("INV-5", "503 and no word when", w -> w.tell(new Line.Failed("a sign-in", 503, false))),
                new Planted("INV-6", "a session outlives a reset", w -> {
                    w.tell(new Line.Changed(Change.RESET, "bea", Fate.DONE));
                    w.write("two-factor-reset", null);
                }),
                new Planted("INV-6", "a factor is gone", w -> {
                    w.accounts.remove(1);
                    w.accounts.add(new Evidence.Account("bea-id", "bea", "USER", false, true, false));
                }),
                new Planted("INV-7", "an ended session", w -> w.tell(new Line.Presented("token-1", true, "bea"))),
                new Planted("INV-7", "a disabled person", w -> {
                    w.tell(new Line.Changed(Change.DISABLED, "bea", Fate.DONE));
                    w.write("account-disabled", null);
                    w.tell(new Line.SignedIn("bea", "token-3"));
                }),
                new Planted("INV-8", "another person", w -> w.tell(new Line.Presented("token-2", true, "ada"))),
                new Planted("INV-9", "a secret again", w -> w.tell(new Line.Secret("seed", "sign-in-2"))),
                new Planted("INV-10", "no administrator", w -> w.accounts.remove(0)),
                new Planted("INV-10", "a disabled administrator", w -> {
                    w.accounts.remove(0);
                    w.accounts.add(new Evidence.Account("ada-id", "ada", "ADMINISTRATOR", true, true, false));
                }),
                new Planted(
                        "INV-11",
                        "a phone is asked without a password",
                        w -> w.approvals.add(new Evidence.Approval("another", "ada-id", "OPEN"))),
                new Planted("INV-12", "a name that exists", w -> w.tell(new Line.Outside("ada", "429 wait"))),
                new Planted("LOST", "a session is gone", w -> w.tell(new Line.Presented("token-2", false, ""))),
                new Planted("LOST", "an approval is gone", w -> w.approvals.clear()));
    }

    @Test
    void what_is_as_it_should_be_is_not_complained_about() {
        assertThat(new World().violated()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("violations")
    void a_planted_violation_is_found(Planted planted) {
        World world = new World();
        planted.plant().into(world);
        assertThat(world.violated()).isNotEmpty().anyMatch(found -> found.startsWith(planted.invariant() + ":"));
    }

    @Test
    void each_invariant_has_a_planted_violation() {
        List<String> planted = violations().map(Planted::invariant).distinct().toList();
        for (int number = 1; number <= 12; number++) {
            assertThat(planted).contains("INV-" + number);
        }
    }

    @Test
    void what_is_unknown_may_have_happened_or_not() {
        World world = new World();
        world.tell(new Line.Changed(Change.RESET, "bea", Fate.UNKNOWN), new Line.Ended("bea", "", Fate.UNKNOWN));
        world.tell(new Line.Presented("token-2", true, "bea"));
        assertThat(world.violated()).isEmpty();
        world.tell(new Line.Used(new Once("totp", "bea", "3"), Fate.UNKNOWN));
        world.write("sign-in-completed", "session-3");
        world.sessions.add(new Evidence.Session("session-3", "bea-id", "totp:ANSWERED:1"));
        assertThat(world.violated()).isEmpty();
    }
}
