package dev.countersign.session;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityEvent.EndReason;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Sessions: issued at the end of a sign-in, found by their token, ended by their owner or by a change. Thread-safe. */
@Component
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    private static final int AT_ONCE = 500;

    private final Database database;
    private final SessionStore store;
    private final ActivityLog activity;
    private final Randomness randomness;
    private final SessionSettings settings;

    Sessions(
            Database database,
            SessionStore store,
            ActivityLog activity,
            Randomness randomness,
            SessionSettings settings) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.randomness = randomness;
        this.settings = settings;
    }

    /** A new session and the token that opens it; the token is not stored anywhere. */
    public record Issued(Session session, Token token) {}

    /** Makes a session, in the transaction that consumes the sign-in. Only the sign-in service calls this. */
    public Issued issue(
            EnvironmentId environment, AccountId account, Proofs proofs, Origin origin, Channel channel, Instant now) {
        database.requireTransaction();
        Token token = randomness.token();
        Session session = new Session(
                new SessionId(randomness.identifier()),
                environment,
                account,
                proofs,
                origin,
                now,
                now,
                now.plus(store.longestSeconds(environment)
                        .map(Duration::ofSeconds)
                        .orElse(settings.absolute())));
        store.insert(session, token.hash(channel));
        return new Issued(session, token);
    }

    /** The session this token opens in this environment, if it is alive; notes its use about once a minute. */
    public Optional<Session> find(EnvironmentId environment, Channel channel, Token token, Instant now) {
        String hash = token.hash(channel);
        Optional<Session> found = store.findLive(environment, hash, settings, now);
        found.ifPresentOrElse(session -> noteUse(session, now), () -> forget(environment, hash, now));
        return found;
    }

    /** One that was seen to be over stays over, also when the clock is set back before {@link #forgetDead} comes by. */
    private void forget(EnvironmentId environment, String tokenHash, Instant now) {
        try {
            if (store.isStored(environment, tokenHash)) {
                database.write(() -> store.deleteDead(environment, tokenHash, settings, now));
            }
        } catch (Database.Busy | DataAccessException e) {
            LOG.warn("a session that is over could not be removed yet: {}", e.getMessage());
        }
    }

    /** Who is signed in stays so while nothing can be written, on a full disk say: until the idle limit after the last noted use. */
    private void noteUse(Session session, Instant now) {
        if (Duration.between(session.lastSeenAt(), now).compareTo(settings.seenEvery()) < 0) {
            return;
        }
        try {
            database.write(() -> store.updateSeen(session.id(), now));
        } catch (Database.Busy | DataAccessException e) {
            LOG.warn("the use of a session could not be noted: {}", e.getMessage());
        }
    }

    /**
     * A session that somebody keeps for a moment.
     *
     * @param idle unused for this long it ends
     * @param end in any case
     */
    public record Kept(Session session, Duration idle, Instant end) {}

    /** As {@link #find} by the hash of the token, for who keeps it for a moment and says its use later to {@link #noteUses}. */
    public Optional<Kept> look(EnvironmentId environment, String tokenHash, Instant now) {
        Optional<Kept> found = store.findKept(environment, tokenHash, settings, now);
        if (found.isEmpty()) {
            forget(environment, tokenHash, now);
        }
        return found;
    }

    /** How exactly the last use is noted. */
    public Duration seenEvery() {
        return settings.seenEvery();
    }

    /** Notes that these sessions were used at this moment or later, {@value #AT_ONCE} with one statement. */
    public void noteUses(Collection<SessionId> used, Instant at) {
        List<SessionId> ordered =
                used.stream().sorted(Comparator.comparing(SessionId::value)).toList();
        for (int from = 0; from < ordered.size(); from += AT_ONCE) {
            List<SessionId> portion = ordered.subList(from, Math.min(ordered.size(), from + AT_ONCE));
            database.write(() -> store.updateSeen(portion, at));
        }
    }

    /** Whether the session is there, and stays until the running transaction ends: what is started from it belongs to it. */
    public boolean keepsAlive(SessionId id) {
        database.requireTransaction();
        return store.lock(id);
    }

    /** The live sessions of an account, the last used first. */
    public List<Session> liveOf(AccountId account, Instant now) {
        return store.liveOf(account, settings, now);
    }

    /** Ends one session of its owner; false when the account has no such session. */
    public boolean end(
            EnvironmentId environment,
            AccountId account,
            SessionId id,
            EndReason why,
            Actor actor,
            Origin origin,
            Instant now) {
        return database.write(() -> {
            boolean ended = store.delete(account, id);
            if (ended) {
                log(environment, account, id, why, actor, origin, now);
            }
            return ended;
        });
    }

    /** Ends all sessions of an account but {@code kept}; answers how many. */
    public int endOthers(
            EnvironmentId environment,
            AccountId account,
            Optional<SessionId> kept,
            EndReason why,
            Actor actor,
            Origin origin,
            Instant now) {
        return database.write(() -> {
            List<SessionId> ended = store.deleteOthers(account, kept);
            ended.forEach(id -> log(environment, account, id, why, actor, origin, now));
            return ended.size();
        });
    }

    /** Remembers that this browser and address have signed in as the account: strangers' guesses do not shut it out; answers until when. */
    public Instant rememberBrowser(
            EnvironmentId environment, AccountId account, Token browser, String address, Instant now) {
        database.requireTransaction();
        Instant end = now.plus(settings.knownBrowser());
        store.upsertBrowser(environment, account, browserHash(account, browser), address, now, end);
        return end;
    }

    public boolean isKnownBrowser(AccountId account, Token browser, Instant now) {
        return store.isKnownBrowser(account, browserHash(account, browser), now);
    }

    public boolean isKnownAddress(AccountId account, String address, Instant now) {
        return store.isKnownAddress(account, address, now);
    }

    /** Forgets all browsers of an account, in the transaction of a reset. */
    public void forgetBrowsers(AccountId account) {
        database.requireTransaction();
        store.deleteBrowsers(account);
    }

    /** How many sessions have not come to their end. */
    public long count(Instant now) {
        return store.count(now);
    }

    /** Removes what has ended; answers how many rows. */
    public int forgetDead(Instant now) {
        return database.write(() -> store.deleteDead(settings, now) + store.deleteDeadBrowsers(now));
    }

    /** One browser can be known to several accounts: the row is the pair. */
    private static String browserHash(AccountId account, Token browser) {
        return account.value() + ':' + browser.hash();
    }

    private void log(
            EnvironmentId environment,
            AccountId account,
            SessionId id,
            EndReason why,
            Actor actor,
            Origin origin,
            Instant now) {
        activity.record(
                environment, Optional.of(account), actor, origin, new ActivityEvent.SessionEnded(why, id.value()), now);
    }
}
