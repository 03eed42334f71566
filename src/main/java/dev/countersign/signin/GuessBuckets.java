package dev.countersign.signin;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.session.Sessions;
import dev.countersign.throttle.AddressBlock;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Limit;
import dev.countersign.throttle.Throttle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Which budgets an answer counts against. Passwords and second factors have budgets of their own: nobody without the
 * password can touch the second. A browser or address the account has signed in from has its own, so that strangers'
 * guesses do not shut its owner out.
 */
@Component
final class GuessBuckets {
    private final Sessions sessions;
    private final Throttle throttle;

    GuessBuckets(Sessions sessions, Throttle throttle) {
        this.sessions = sessions;
        this.throttle = throttle;
    }

    List<Bucket> of(Subject subject, FactorKind kind, Caller caller, Instant now) {
        if (kind == FactorKind.PUSH) {
            return List.of(); // nothing is guessed here: digits are typed on the phone, and counted there
        }
        List<Bucket> buckets = new ArrayList<>();
        AddressBlock.of(caller.origin().address())
                .map(GuessBuckets::reported)
                .filter(bucket ->
                        throttle.isTouchedSince(bucket, now.minus(bucket.limit().window())))
                .ifPresent(buckets::add);
        if (!isKnownBrowser(subject, caller, now)) {
            AddressBlock.of(caller.origin().address())
                    .ifPresent(block -> buckets.add(new Bucket("address:" + block, Limit.ADDRESS)));
        }
        buckets.add(
                switch (kind) {
                    case PASSWORD -> password(subject, caller, now);
                    case TOTP, PUSH, RECOVERY, REPLACEMENT -> secondFactor(subject);
                });
        return buckets;
    }

    /** What counts against an address somebody has reported. */
    static Bucket reported(AddressBlock block) {
        return new Bucket("reported:" + block, Limit.REPORTED_ADDRESS);
    }

    /** One budget for all second factors of an account. */
    static Bucket secondFactor(Subject subject) {
        return new Bucket("second:" + name(subject), Limit.SECOND_FACTOR);
    }

    /** What all budgets of passwords of an account begin with. */
    static String allPasswords(AccountId account) {
        return "password:" + account;
    }

    private Bucket password(Subject subject, Caller caller, Instant now) {
        if (subject instanceof Subject.Known(AccountId account)) {
            if (isKnownBrowser(subject, caller, now)) {
                String hash = caller.browser().orElseThrow().hash();
                return new Bucket("password:" + account + ":browser:" + hash, Limit.PASSWORD_KNOWN);
            }
            String address = caller.origin().address();
            if (sessions.isKnownAddress(account, address, now)) {
                return new Bucket("password:" + account + ":address:" + address, Limit.PASSWORD_KNOWN);
            }
        }
        return new Bucket("password:" + name(subject), Limit.PASSWORD);
    }

    private boolean isKnownBrowser(Subject subject, Caller caller, Instant now) {
        return subject instanceof Subject.Known(AccountId account)
                && caller.browser()
                        .filter(browser -> sessions.isKnownBrowser(account, browser, now))
                        .isPresent();
    }

    private static String name(Subject subject) {
        return switch (subject) {
            case Subject.Known(AccountId account) -> account.value();
            case Subject.Decoy(String bucket) -> bucket;
        };
    }
}
