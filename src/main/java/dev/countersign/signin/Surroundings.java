package dev.countersign.signin;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.Subject;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.kernel.AccountId;
import dev.countersign.policy.Circumstances;
import dev.countersign.session.Sessions;
import dev.countersign.throttle.Throttle;
import dev.countersign.whereabouts.Whereabouts;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** What can be said of where a sign-in comes from: to the policy, and to the person on their phone. Thread-safe. */
@Component
final class Surroundings {
    private static final Duration RECENT = Duration.ofDays(1);
    private static final int LONGEST = 60;

    private final Sessions sessions;
    private final Throttle throttle;
    private final Accounts accounts;
    private final Approvals approvals;
    private final Whereabouts whereabouts;

    Surroundings(
            Sessions sessions, Throttle throttle, Accounts accounts, Approvals approvals, Whereabouts whereabouts) {
        this.sessions = sessions;
        this.throttle = throttle;
        this.accounts = accounts;
        this.approvals = approvals;
        this.whereabouts = whereabouts;
    }

    /** What is unusual about it. An application that is no browser is judged by its address. */
    Circumstances of(AccountId id, Caller caller, Instant now) {
        Account account = accounts.get(id);
        boolean knownBrowser = caller.browser()
                .map(browser -> sessions.isKnownBrowser(id, browser, now))
                .orElse(true);
        return new Circumstances(
                !knownBrowser,
                !sessions.isKnownAddress(id, caller.origin().address(), now),
                throttle.isTouchedSince(GuessBuckets.secondFactor(new Subject.Known(id)), now.minus(RECENT)),
                accounts.rights(account).openConsole(),
                approvals.lastApprovedAt(id));
    }

    /** What the owner of the account is shown, in their language. */
    Approval.Circumstances shown(Account account, String application, Caller caller) {
        String address = caller.origin().address();
        Locale language = account.locale().map(Locale::forLanguageTag).orElse(Locale.ENGLISH);
        String[] names = caller.origin().browser().split(", ", 2);
        return new Approval.Circumstances(
                plain(application),
                plain(names[0]),
                names.length > 1 ? plain(names[1]) : "",
                plain(address),
                whereabouts.network(address).map(Surroundings::plain),
                whereabouts.place(address, language).map(Surroundings::plain));
    }

    /** Printable, without marks that change the direction of text, and short. */
    private static String plain(String text) {
        String printable = text.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "").strip();
        return printable.codePointCount(0, printable.length()) > LONGEST
                ? printable.substring(0, printable.offsetByCodePoints(0, LONGEST))
                : printable;
    }
}
