package dev.countersign.gate;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.Target;
import dev.countersign.kernel.Ticks;
import dev.countersign.session.Admission;
import dev.countersign.session.Sessions;
import dev.countersign.signal.Signal;
import dev.countersign.signal.Signals;
import dev.countersign.vault.Token;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.stereotype.Component;

/**
 * Says of a request that a proxy holds in its hands whether its session may pass, mostly from what it remembers: a page brings
 * dozens of requests. Thread-safe.
 */
@Component
public final class Gate {
    private static final int MOST_SESSIONS = 20_000;
    private static final int MOST_HOSTS = 1_000;
    private static final int LOOKUPS_AT_ONCE = 12;
    private static final int MOST_USES = 100_000;

    private final Environments environments;
    private final Sessions sessions;
    private final Accounts accounts;
    private final Groups groups;
    private final Admission admission;
    private final Clock clock;
    private final Lookups<Optional<Environment>> hosts;
    private final Lookups<Visitor> visitors;
    private final long seenEvery;
    private final Map<SessionId, Long> uses = new ConcurrentHashMap<>();
    private final LongAdder fromMemory = new LongAdder();
    private final LongAdder fromDatabase = new LongAdder();
    private final LongAdder unavailable = new LongAdder();

    Gate(
            Environments environments,
            Sessions sessions,
            Accounts accounts,
            Groups groups,
            Admission admission,
            Signals signals,
            Ticks ticks,
            Clock clock) {
        this.environments = environments;
        this.sessions = sessions;
        this.accounts = accounts;
        this.groups = groups;
        this.admission = admission;
        this.clock = clock;
        this.seenEvery = sessions.seenEvery().toMillis();
        Semaphore permits = new Semaphore(LOOKUPS_AT_ONCE);
        this.hosts = new Lookups<>(MOST_HOSTS, permits, signals, ticks);
        this.visitors = new Lookups<>(MOST_SESSIONS, permits, signals, ticks);
        signals.listen(this::forget);
    }

    /** What is answered to a session. */
    sealed interface Answer {
        /** It may pass as this person. */
        record Passes(IdentityHeaders identity) implements Answer {}

        /** There is no session, or it no longer suffices: signing in helps. */
        record SignIn() implements Answer {}

        /** The account may not enter, and signing in does not help. */
        record Refused() implements Answer {}
    }

    /** What is remembered of a token. */
    private sealed interface Visitor {
        /** Nobody's, and it never will be: tokens are random. */
        record Stranger() implements Visitor {}

        record Outside(Answer answer) implements Visitor {}

        final class Inside implements Visitor {
            private final EnvironmentId environment;
            private final AccountId account;
            private final SessionId session;
            private final long idle;
            private final long end;
            private final Answer.Passes answer;
            private volatile long lastUsed;
            private volatile long noted;

            Inside(Sessions.Kept kept, Identity identity) {
                this.environment = kept.session().environment();
                this.account = kept.session().account();
                this.session = kept.session().id();
                this.idle = kept.idle().toMillis();
                this.end = kept.end().toEpochMilli();
                this.answer = new Answer.Passes(new IdentityHeaders(identity));
                this.lastUsed = kept.session().lastSeenAt().toEpochMilli();
                this.noted = lastUsed;
            }

            boolean isAlive(long now) {
                return now < end && now - lastUsed < idle;
            }
        }
    }

    /** How often memory answered, the database had to, and neither could. */
    public record Figures(long fromMemory, long fromDatabase, long unavailable, long remembered) {}

    public Figures figures() {
        return new Figures(fromMemory.sum(), fromDatabase.sum(), unavailable.sum(), visitors.size());
    }

    /** The environment of a host, without port. */
    Optional<Environment> environment(String host) throws Lookups.Unavailable {
        Optional<Optional<Environment>> kept = hosts.kept(host);
        if (kept.isPresent()) {
            return kept.get();
        }
        return count(() -> hosts.look(host, () -> environments.findByHost(host), _ -> true));
    }

    Answer check(EnvironmentId environment, Token token) throws Lookups.Unavailable {
        String hash = token.hash(Channel.COOKIE);
        long now = clock.millis();
        String key = environment.value() + hash;
        Optional<Visitor> kept = visitors.kept(key);
        if (kept.isPresent() && !(kept.get() instanceof Visitor.Inside inside && !inside.isAlive(now))) {
            fromMemory.increment();
            return answer(kept.get(), now);
        }
        Visitor found = count(() ->
                visitors.look(key, () -> visitor(environment, hash), visitor -> !(visitor instanceof Visitor.Outside)));
        return answer(found, now);
    }

    private interface Look<T> {
        T look() throws Lookups.Unavailable;
    }

    private <T> T count(Look<T> look) throws Lookups.Unavailable {
        try {
            fromDatabase.increment();
            return look.look();
        } catch (Lookups.Unavailable e) {
            unavailable.increment();
            throw e;
        }
    }

    private Answer answer(Visitor visitor, long now) {
        return switch (visitor) {
            case Visitor.Stranger _ -> new Answer.SignIn();
            case Visitor.Outside outside -> outside.answer();
            case Visitor.Inside inside -> {
                use(inside, now);
                yield inside.answer;
            }
        };
    }

    private void use(Visitor.Inside inside, long now) {
        inside.lastUsed = Math.max(now, inside.lastUsed);
        if (now - inside.noted >= seenEvery && uses.size() < MOST_USES) {
            inside.noted = now;
            uses.put(inside.session, now);
        }
    }

    private Visitor visitor(EnvironmentId environment, String hash) {
        Instant now = clock.instant();
        Optional<Sessions.Kept> kept = sessions.look(environment, hash, now);
        Optional<Account> found =
                kept.flatMap(one -> accounts.find(one.session().account()));
        if (kept.isEmpty() || found.isEmpty()) {
            return new Visitor.Stranger();
        }
        Account account = found.get();
        if (account.isDisabled()) {
            return new Visitor.Outside(new Answer.Refused());
        }
        if (!admission.admits(kept.get().session(), Target.ACCOUNT, now)) {
            return new Visitor.Outside(new Answer.SignIn());
        }
        return new Visitor.Inside(
                kept.get(),
                Identity.of(
                        account.username(), groups.groupNamesOf(account.id()), account.displayName(), account.email()));
    }

    private void forget(Signal signal) {
        switch (signal) {
            case Signal.OfSession of ->
                visitors.forget(visitor -> visitor instanceof Visitor.Inside in && in.session.equals(of.session()));
            case Signal.OfAccount of ->
                visitors.forget(visitor -> visitor instanceof Visitor.Inside in && in.account.equals(of.account()));
            case Signal.OfEnvironment of -> {
                hosts.forget(_ -> true);
                visitors.forget(
                        visitor -> visitor instanceof Visitor.Inside in && in.environment.equals(of.environment()));
            }
            case Signal.OfEverything _ -> {
                hosts.forget(_ -> true);
                visitors.forget(_ -> true);
            }
        }
    }

    /** Writes down which sessions were used, at the earliest of these moments, with a statement for many. */
    void noteUses() {
        Map<SessionId, Long> noted = Map.copyOf(uses);
        if (noted.isEmpty()) {
            return;
        }
        long earliest = noted.values().stream().mapToLong(Long::longValue).min().orElseThrow();
        sessions.noteUses(Set.copyOf(noted.keySet()), Instant.ofEpochMilli(earliest));
        noted.forEach(uses::remove);
    }

    /** How often {@link #noteUses} runs: so much earlier a session may seem to have been used last. */
    static final Duration NOTED_EVERY = Duration.ofSeconds(10);
}
