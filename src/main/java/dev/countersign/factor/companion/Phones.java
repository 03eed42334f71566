package dev.countersign.factor.companion;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.push.Subscription;
import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import dev.countersign.vault.PhoneKey;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The phones people approve with. Thread-safe. */
@Component
public final class Phones {
    /** How many one person may pair. */
    public static final int MOST = 8;

    /** Characters of a name. */
    public static final int LONGEST_NAME = 40;

    private static final Logger LOG = LoggerFactory.getLogger(Phones.class);
    private static final int SECRET_BYTES = 20;
    private static final Duration SEEN = Duration.ofMinutes(5);

    private final Database database;
    private final PhoneStore store;
    private final SecretVersions versions;
    private final ApprovalStore approvals;
    private final Accounts accounts;
    private final Apps apps;
    private final Vault vault;
    private final Randomness randomness;
    private final ActivityLog activity;

    Phones(
            Database database,
            PhoneStore store,
            SecretVersions versions,
            ApprovalStore approvals,
            Accounts accounts,
            Apps apps,
            Vault vault,
            Randomness randomness,
            ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.versions = versions;
        this.approvals = approvals;
        this.accounts = accounts;
        this.apps = apps;
        this.vault = vault;
        this.randomness = randomness;
        this.activity = activity;
    }

    public List<Phone> of(AccountId account) {
        return store.of(account);
    }

    /** A name as it is kept: printable, 1 to {@link #LONGEST_NAME} characters; nothing when there is no such in what was typed. */
    public static Optional<String> name(String typed) {
        String name = typed.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "").strip();
        return name.isEmpty() || name.codePointCount(0, name.length()) > LONGEST_NAME
                ? Optional.empty()
                : Optional.of(name);
    }

    /** The phone with this key, in this environment. */
    public Optional<Phone> find(EnvironmentId environment, String thumbprint) {
        return store.find(environment, thumbprint).filter(this::isOwn).map(PhoneStore.Bound::phone);
    }

    /** Whether the key is the one this account's owner paired: not one that was written into the row, or whose phone was removed. */
    private boolean isOwn(PhoneStore.Bound bound) {
        Place place = bindingPlace(bound.phone(), bound.version());
        if (bound.sealedBinding().isPresent()) {
            return vault.confirms(bound.sealedBinding().get(), place, binding(bound.phone()));
        }
        if (!vault.acceptsUnbound()) {
            vault.noteUnopened(place);
            return false;
        }
        return true;
    }

    private static String binding(Phone phone) {
        return phone.key().thumbprint() + '\n' + phone.key().stored();
    }

    /** Registers a phone, in the running transaction, with a secret of its own for codes. */
    Phone register(
            PhoneId id,
            Account account,
            String name,
            PhoneKey key,
            String origin,
            Actor actor,
            Origin from,
            Instant now) {
        database.requireTransaction();
        Phone phone = new Phone(
                id, account.environment(), account.id(), name, key, origin, now, now, false, false, Optional.empty());
        byte[] codes = vault.seal(randomness.bytes(SECRET_BYTES), codesPlace(id, account.id(), 0));
        byte[] bound = vault.confirm(binding(phone), bindingPlace(phone, 0));
        store.insert(phone, codes, bound, Totp.DEFAULT.step(now) - 2);
        accounts.noteSecondFactor(account.id(), Optional.of(now));
        noteCompanion(account.id());
        log(account, actor, from, new ActivityEvent.PhonePaired(name), now);
        return phone;
    }

    private void noteCompanion(AccountId account) {
        accounts.noteCompanion(
                account, store.of(account).stream().map(Phone::pairedAt).min(Instant::compareTo));
    }

    /** The secret of the phone's codes, until it has called for anything else. */
    public Optional<SecretBytes> codesOnce(Phone phone) {
        return store.codes(phone.account()).stream()
                .filter(codes -> codes.phone().equals(phone.id()) && !codes.taken())
                .findFirst()
                .flatMap(codes -> open(codes.sealed(), codesPlace(codes)));
    }

    /** Notes that the phone has called, at most every few minutes, and that it has taken its secret. */
    public void noteSeen(Phone phone, Instant now) {
        if (!phone.codesTaken() || phone.lastSeenAt().plus(SEEN).isBefore(now)) {
            database.write(() -> store.noteSeen(phone.id(), now));
        }
    }

    /** Gives a phone another name; false when the account has no such phone. */
    public boolean rename(AccountId account, PhoneId phone, String name) {
        return database.write(() -> store.rename(account, phone, name));
    }

    /** Removes a phone and what it was asked; false when the account has no such phone. */
    public boolean remove(Account account, PhoneId id, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            Optional<Phone> phone = store.of(account.id()).stream()
                    .filter(each -> each.id().equals(id))
                    .findFirst();
            if (phone.isEmpty() || !store.delete(account.id(), id)) {
                return false;
            }
            versions.raise(account.id().value(), "phone/" + id.value());
            noteCompanion(account.id());
            approvals.endApprovedBy(id, account.id(), now);
            if (store.of(account.id()).isEmpty()) {
                approvals.endAll(account.id(), now);
                if (!apps.has(account.id())) {
                    accounts.noteSecondFactor(account.id(), Optional.empty());
                }
            }
            log(
                    account,
                    actor,
                    origin,
                    new ActivityEvent.PhoneRemoved(phone.get().name()),
                    now);
            return true;
        });
    }

    /** Ends what is being paired and asked, in the running transaction: every sign-in of the account under way has ended. */
    public void withdrawAll(AccountId account, Instant now) {
        database.requireTransaction();
        approvals.endAll(account, now);
        approvals.deletePairings(account);
    }

    /** Removes all phones, pairings and requests of an account, in the running transaction. */
    public void removeAll(AccountId account, Instant now) {
        database.requireTransaction();
        store.of(account)
                .forEach(phone ->
                        versions.raise(account.value(), "phone/" + phone.id().value()));
        store.deleteAll(account);
        noteCompanion(account);
        approvals.endAll(account, now);
        approvals.deletePairings(account);
    }

    /** Where the phone is rung from now on; nothing to ring it no more. */
    public void subscribe(Phone phone, Optional<Subscription> subscription) {
        database.write(() -> {
            long version = versions.raise(
                    phone.account().value(), "subscription/" + phone.id().value());
            Place place = subscriptionPlace(phone, version);
            store.updateSubscription(phone.id(), subscription.map(where -> vault.seal(where.secret(), place)));
        });
    }

    /** Where the phone is rung. */
    Optional<Subscription> subscription(Phone phone) {
        return store.subscription(phone.id())
                .flatMap(ring -> open(ring.sealed(), subscriptionPlace(phone, ring.version())))
                .map(Subscription::of);
    }

    /** The push service says the phone is not there any more. */
    void noteRingFailed(Phone phone, Instant now) {
        database.write(() -> store.noteRingFailed(phone.id(), now));
    }

    private Optional<SecretBytes> open(byte[] sealed, Place place) {
        try {
            return Optional.of(vault.open(sealed, place));
        } catch (Vault.NotOurs e) {
            LOG.error("integrity: {}", e.getMessage());
            return Optional.empty();
        }
    }

    static Place codesPlace(PhoneStore.Codes codes) {
        return codesPlace(codes.phone(), codes.account(), codes.version());
    }

    private static Place codesPlace(PhoneId phone, AccountId account, long version) {
        return new Place("phone", "sealed_codes", phone.value()).of(account.value(), version);
    }

    private static Place bindingPlace(Phone phone, long version) {
        return new Place("phone", "sealed_binding", phone.id().value())
                .of(phone.account().value(), version);
    }

    private static Place subscriptionPlace(Phone phone, long version) {
        return new Place("phone", "sealed_subscription", phone.id().value())
                .of(phone.account().value(), version);
    }

    private void log(Account account, Actor actor, Origin origin, ActivityEvent event, Instant now) {
        activity.record(account.environment(), Optional.of(account.id()), actor, origin, event, now);
    }
}
