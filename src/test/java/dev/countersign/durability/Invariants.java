package dev.countersign.durability;

import dev.countersign.durability.Evidence.Entry;
import dev.countersign.durability.Journal.Change;
import dev.countersign.durability.Journal.Fate;
import dev.countersign.durability.Journal.Line;
import dev.countersign.durability.Journal.Once;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares what clients were told with what the database holds: the invariants INV-1 to INV-12 as far as a client and the
 * database can show them, and that nothing acknowledged is lost. Finds, and throws nothing. {@code InvariantsTest} plants a
 * violation of each.
 */
final class Invariants {
    private static final Set<String> SECOND_FACTORS = Set.of("totp", "push", "recovery", "replacement");
    private static final int MOST_GUESSES_A_DAY = 20;

    private final Journal journal;
    private final Evidence evidence;
    private final Map<String, String> usernames = new HashMap<>();
    private final Set<String> violations = new LinkedHashSet<>();

    private Invariants(Journal journal, Evidence evidence) {
        this.journal = journal;
        this.evidence = evidence;
        evidence.accounts().forEach(account -> usernames.put(account.id(), account.username()));
    }

    /** Every violation, in a sentence that begins with what is violated. */
    static List<String> violated(Journal journal, Evidence evidence) {
        return violated(journal, evidence, 0);
    }

    /** @param prelude the last entry of the log before the journal began */
    static List<String> violated(Journal journal, Evidence evidence, long prelude) {
        Invariants check = new Invariants(journal, evidence);
        check.inv1NothingBelowTheRequiredLevel();
        check.inv2OnceIsOnce();
        check.inv3GuessesAreBounded();
        check.inv4EverySuccessIsLogged(prelude);
        check.inv5FailureDenies();
        check.inv6FactorsChangeOnlyByTheirOwner(prelude);
        check.inv7WhatEndedStaysEnded();
        check.inv8NobodyIsTakenForAnother();
        check.inv9SecretsComeOnce();
        check.inv10SomebodyAdministers();
        check.inv11NothingWithoutThePassword(prelude);
        check.inv12OutsidersLearnNothing();
        check.whatWasAcknowledgedIsThere();
        return List.copyOf(check.violations);
    }

    private void found(String invariant, String what, Object... arguments) {
        violations.add(invariant + ": " + what.formatted(arguments));
    }

    private String username(String account) {
        return usernames.getOrDefault(account, account);
    }

    private void inv1NothingBelowTheRequiredLevel() {
        for (Line.Knocked knock : journal.lines(Line.Knocked.class)) {
            if (knock.status() / 100 == 2) {
                found("INV-1", "%s opened something", knock.with());
            }
        }
        for (Evidence.Session session : evidence.demanded() ? evidence.sessions() : List.<Evidence.Session>of()) {
            boolean shown = Stream.of(session.proofs().split(","))
                    .anyMatch(proof -> SECOND_FACTORS.contains(proof.split(":")[0]));
            if (!shown) {
                found("INV-1", "%s is signed in without a second factor", username(session.account()));
            }
        }
    }

    private void inv2OnceIsOnce() {
        Set<Once> done = new HashSet<>();
        for (Line.Used used : journal.lines(Line.Used.class)) {
            if (used.fate() == Fate.DONE && !done.add(used.thing())) {
                found("INV-2", "%s was accepted twice", used.thing());
            }
        }
        Map<String, Set<Once>> worth = new HashMap<>();
        journal.lines(Line.Used.class).stream()
                .filter(used -> used.fate() == Fate.DONE || used.fate() == Fate.UNKNOWN)
                .forEach(used -> worth.computeIfAbsent(used.thing().person(), _ -> new HashSet<>())
                        .add(used.thing()));
        Map<String, Long> signIns = evidence.log().stream()
                .filter(entry -> entry.kind().equals("sign-in-completed"))
                .collect(Collectors.groupingBy(entry -> username(entry.account()), Collectors.counting()));
        signIns.forEach((person, count) -> {
            int most = worth.getOrDefault(person, Set.of()).size();
            if (evidence.demanded() && worth.containsKey(person) && count > most) {
                found("INV-2", "%s signed in %d times with %d codes", person, count, most);
            }
        });
    }

    private void inv3GuessesAreBounded() {
        Map<String, Integer> row = new HashMap<>();
        Map<String, Integer> all = new HashMap<>();
        Map<String, Instant> free = new HashMap<>();
        for (Line line : journal.lines()) {
            if (line instanceof Line.Lifted(String person)) {
                row.remove(person);
                all.remove(person);
                free.remove(person);
            }
            if (!(line instanceof Line.Guessed(String person, Instant sent, Instant answered, boolean lookedAt))
                    || !lookedAt) {
                continue;
            }
            int count = row.merge(person, 1, Integer::sum);
            if (answered.isBefore(free.getOrDefault(person, Instant.MIN))) {
                found("INV-3", "the %dth wrong code of %s was looked at too early", count, person);
            }
            if (all.merge(person, 1, Integer::sum) > MOST_GUESSES_A_DAY) {
                found("INV-3", "more wrong codes of %s were looked at than a day has", person);
            }
            free.put(person, sent.plus(Journal.pauseAfter(count)));
        }
        row.forEach((person, count) -> {
            if (counted(person) < count) {
                found("INV-3", "%d wrong codes of %s were looked at and %d counted", count, person, counted(person));
            }
        });
    }

    private long counted(String person) {
        return evidence.budgets().stream()
                .filter(budget -> budget.bucket().startsWith("second:"))
                .filter(budget ->
                        username(budget.bucket().substring("second:".length())).equals(person))
                .mapToLong(Evidence.Budget::inARow)
                .sum();
    }

    private void inv4EverySuccessIsLogged(long prelude) {
        List<String> begun = sessionsOf("sign-in-completed");
        Set<String> open = new HashSet<>(begun);
        if (open.size() < begun.size()) {
            found("INV-4", "the log has a session twice");
        }
        sessionsOf("session-ended").forEach(open::remove);
        Set<String> stored =
                evidence.sessions().stream().map(Evidence.Session::id).collect(Collectors.toSet());
        stored.stream()
                .filter(id -> !open.contains(id))
                .forEach(id -> found("INV-4", "session %s is in no entry of the log, or in one that ends it", id));
        open.stream()
                .filter(id -> !stored.contains(id))
                .forEach(id -> found("INV-4", "the log has session %s, and nobody else has", id));
        for (Change change : Change.values()) {
            compareWithLog(change, prelude);
        }
    }

    private List<String> sessionsOf(String kind) {
        return evidence.log().stream()
                .filter(entry -> entry.kind().equals(kind))
                .flatMap(entry -> entry.session().stream())
                .toList();
    }

    /** As many entries as there were changes; those of which nobody knows may be there. */
    private void compareWithLog(Change change, long prelude) {
        Map<String, Integer> least = new HashMap<>();
        Map<String, Integer> most = new HashMap<>();
        for (Line.Changed changed : journal.lines(Line.Changed.class)) {
            if (changed.change() == change) {
                least.merge(changed.person(), changed.fate() == Fate.DONE ? 1 : 0, Integer::sum);
                most.merge(
                        changed.person(),
                        changed.fate() == Fate.DONE || changed.fate() == Fate.UNKNOWN ? 1 : 0,
                        Integer::sum);
            }
        }
        Map<String, Long> logged = evidence.log().stream()
                .filter(entry -> entry.sequence() > prelude && entry.kind().equals(change.logged()))
                .collect(Collectors.groupingBy(entry -> username(entry.account()), Collectors.counting()));
        Set<String> people = new HashSet<>(least.keySet());
        people.addAll(logged.keySet());
        for (String person : people) {
            long entries = logged.getOrDefault(person, 0L);
            if (entries < least.getOrDefault(person, 0) || entries > most.getOrDefault(person, 0)) {
                found(
                        "INV-4",
                        "%s of %s: %d in the log, %d to %d happened",
                        change,
                        person,
                        entries,
                        least.getOrDefault(person, 0),
                        most.getOrDefault(person, 0));
            }
        }
    }

    private void inv5FailureDenies() {
        for (Line.Failed failed : journal.lines(Line.Failed.class)) {
            if (failed.status() != 503 || !failed.retryAfter()) {
                found("INV-5", "%s was answered with %d", failed.what(), failed.status());
            }
        }
    }

    /** A factor is there exactly if the last thing the log says of it is so, and a reset leaves no session of before. */
    private void inv6FactorsChangeOnlyByTheirOwner(long prelude) {
        Map<String, Entry> last = new HashMap<>();
        Map<String, Long> reset = new HashMap<>();
        Map<String, Long> begun = new HashMap<>();
        for (Entry entry : evidence.log()) {
            switch (entry.kind()) {
                case "app-enrolled", "app-replaced", "phone-paired" -> last.put(entry.account(), entry);
                case "two-factor-reset" -> {
                    last.put(entry.account(), entry);
                    reset.put(entry.account(), entry.sequence());
                }
                case "sign-in-completed" -> entry.session().ifPresent(id -> begun.put(id, entry.sequence()));
                default -> {}
            }
        }
        for (Evidence.Session session : evidence.sessions()) {
            if (begun.getOrDefault(session.id(), Long.MAX_VALUE) < reset.getOrDefault(session.account(), 0L)) {
                found("INV-6", "a session of %s outlived the reset", username(session.account()));
            }
        }
        for (Evidence.Account account : evidence.accounts()) {
            Optional<Entry> entry = Optional.ofNullable(last.get(account.id()));
            boolean expected = entry.filter(found -> !found.kind().equals("two-factor-reset"))
                    .isPresent();
            boolean ours = entry.filter(found -> found.sequence() > prelude).isPresent();
            if ((ours || entry.isEmpty()) && expected != account.withFactor()) {
                found(
                        "INV-6",
                        "%s has %s second factor, which the log does not say",
                        account.username(),
                        account.withFactor() ? "a" : "no");
            }
        }
    }

    private void inv7WhatEndedStaysEnded() {
        Map<String, Set<String>> tokens = new HashMap<>();
        Set<String> ended = new HashSet<>();
        Set<String> disabled = new HashSet<>();
        for (Line line : journal.lines()) {
            switch (line) {
                case Line.SignedIn(String person, String token) -> {
                    tokens.computeIfAbsent(person, _ -> new HashSet<>()).add(token);
                    if (disabled.contains(person)) {
                        found("INV-7", "%s signed in, who is disabled", person);
                    }
                }
                case Line.Ended(String person, String token, Fate fate)
                when fate == Fate.DONE ->
                    ended.addAll(token.isEmpty() ? tokens.getOrDefault(person, Set.of()) : Set.of(token));
                case Line.Changed(Change change, String person, Fate fate)
                when change == Change.DISABLED && fate == Fate.DONE -> disabled.add(person);
                case Line.Presented(String token, boolean opened, String shown)
                when opened && ended.contains(token) ->
                    found("INV-7", "an ended session of %s opened something", shown);
                default -> {}
            }
        }
    }

    private void inv8NobodyIsTakenForAnother() {
        Map<String, String> owners = owners();
        for (Line.Presented presented : journal.lines(Line.Presented.class)) {
            String owner = owners.getOrDefault(presented.token(), "nobody");
            if (presented.opened() && !presented.shown().equals(owner)) {
                found("INV-8", "a session of %s showed %s", owner, presented.shown());
            }
        }
    }

    private Map<String, String> owners() {
        return journal.lines(Line.SignedIn.class).stream()
                .collect(Collectors.toMap(Line.SignedIn::token, Line.SignedIn::person, (first, _) -> first));
    }

    private void inv9SecretsComeOnce() {
        Map<String, String> where = new HashMap<>();
        for (Line.Secret secret : journal.lines(Line.Secret.class)) {
            String first = where.putIfAbsent(secret.secret(), secret.signIn());
            if (first != null && !first.equals(secret.signIn())) {
                found("INV-9", "a secret of sign-in %s came in %s too", first, secret.signIn());
            }
        }
    }

    private void inv10SomebodyAdministers() {
        boolean somebody = evidence.accounts().stream()
                .anyMatch(account ->
                        account.role().equals("ADMINISTRATOR") && !account.disabled() && account.withPassword());
        if (!somebody) {
            found("INV-10", "nobody is left who could administer");
        }
    }

    private void inv11NothingWithoutThePassword(long prelude) {
        Set<String> known = journal.lines(Line.KnewPassword.class).stream()
                .map(Line.KnewPassword::person)
                .collect(Collectors.toSet());
        Set<String> touched = new HashSet<>();
        evidence.approvals().forEach(approval -> touched.add(username(approval.account())));
        evidence.budgets().stream()
                .filter(budget -> budget.bucket().startsWith("second:"))
                .forEach(budget -> touched.add(username(budget.bucket().substring("second:".length()))));
        evidence.log().stream()
                .filter(entry -> entry.sequence() > prelude && entry.kind().equals(Change.ENROLLED.logged()))
                .forEach(entry -> touched.add(username(entry.account())));
        for (String person : touched) {
            if (usernames.containsValue(person) && !known.contains(person)) {
                found("INV-11", "the second factor of %s was touched without the password", person);
            }
        }
    }

    private void inv12OutsidersLearnNothing() {
        Map<String, String> told = new HashMap<>();
        for (Line.Outside outside : journal.lines(Line.Outside.class)) {
            told.putIfAbsent(outside.told(), outside.name());
        }
        if (told.size() > 1) {
            found("INV-12", "without the password one is told different things: %s", told);
        }
    }

    /** Sessions open until their end was asked for, and approvals stay. */
    private void whatWasAcknowledgedIsThere() {
        Map<String, String> owners = owners();
        Set<String> mayBeOver = new HashSet<>();
        Map<String, List<String>> tokens = new HashMap<>();
        for (Line line : journal.lines()) {
            switch (line) {
                case Line.SignedIn(String person, String token) ->
                    tokens.computeIfAbsent(person, _ -> new ArrayList<>()).add(token);
                case Line.Ended(String person, String token, Fate fate)
                when fate != Fate.REFUSED ->
                    mayBeOver.addAll(token.isEmpty() ? tokens.getOrDefault(person, List.of()) : List.of(token));
                case Line.Presented(String token, boolean opened, String _)
                when !opened && !mayBeOver.contains(token) ->
                    found("LOST", "a session of %s is gone", owners.getOrDefault(token, "nobody"));
                default -> {}
            }
        }
        Map<String, Long> approved = evidence.approvals().stream()
                .filter(approval -> Set.of("APPROVED", "USED").contains(approval.state()))
                .collect(Collectors.groupingBy(approval -> username(approval.account()), Collectors.counting()));
        journal.lines(Line.Changed.class).stream()
                .filter(changed -> changed.change() == Change.APPROVED && changed.fate() == Fate.DONE)
                .collect(Collectors.groupingBy(Line.Changed::person, Collectors.counting()))
                .forEach((person, count) -> {
                    if (approved.getOrDefault(person, 0L) < count) {
                        found("LOST", "an approval of %s is gone", person);
                    }
                });
    }
}
