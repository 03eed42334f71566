package dev.countersign.signin;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.mail.ForgottenPasswords;
import dev.countersign.mail.MailLinks;
import dev.countersign.session.Sessions;
import dev.countersign.store.Database;
import dev.countersign.throttle.AddressBlock;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Limit;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.Token;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * What the links of mails do, each once and in one transaction. None makes a session, and none touches a second factor: a
 * mailbox replaces a password at most. Thread-safe.
 */
@Component
public final class MailedLinks {
    private final Database database;
    private final MailLinks links;
    private final ForgottenPasswords forgotten;
    private final Accounts accounts;
    private final Passwords passwords;
    private final SignInStore signIns;
    private final Sessions sessions;
    private final Throttle throttle;
    private final ActivityLog activity;
    private final Vault vault;

    MailedLinks(
            Database database,
            MailLinks links,
            ForgottenPasswords forgotten,
            Accounts accounts,
            Passwords passwords,
            SignInStore signIns,
            Sessions sessions,
            Throttle throttle,
            ActivityLog activity,
            Vault vault) {
        this.database = database;
        this.links = links;
        this.forgotten = forgotten;
        this.accounts = accounts;
        this.passwords = passwords;
        this.signIns = signIns;
        this.sessions = sessions;
        this.throttle = throttle;
        this.activity = activity;
        this.vault = vault;
    }

    /** A link that can be used, and whose it is. */
    public record Open(MailLinks.Found link, Account account) {}

    /**
     * Asks for a new password for whoever has this name, or for nobody: which of the two shows neither in the answer nor in
     * the time it takes.
     *
     * @return how long to wait when there were too many requests
     */
    public Optional<Duration> forget(
            EnvironmentId environment, String typed, String locale, Origin origin, Instant now) {
        List<Bucket> buckets = new ArrayList<>();
        AddressBlock.of(origin.address())
                .ifPresent(block -> buckets.add(new Bucket("forgotten:" + block, Limit.FORGOTTEN_ADDRESS)));
        buckets.add(new Bucket("forgotten:" + nameKey(environment, typed), Limit.FORGOTTEN_NAME));
        return switch (throttle.reserve(environment, buckets, now)) {
            case Verdict.Wait(Duration pause, Bucket _) -> Optional.of(pause);
            case Verdict.Go _ -> {
                forgotten.request(environment, typed, locale, origin, now);
                yield Optional.empty();
            }
        };
    }

    private String nameKey(EnvironmentId environment, String typed) {
        String key = Username.lookupKey(typed).orElse(typed.strip().toLowerCase(Locale.ROOT));
        byte[] message = (environment.value() + '\n' + key).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(vault.lastingHash("forgotten-name", message));
    }

    /** The link, unless it was used, has expired, or the account has another address by now or is disabled. */
    public Optional<Open> find(EnvironmentId environment, Token token, Instant now) {
        return links.find(environment, token, now)
                .flatMap(link -> accounts.find(link.account())
                        .filter(account ->
                                !account.isDisabled() && account.email().equals(link.recipient()))
                        .map(account -> new Open(link, account)));
    }

    /** The owner has shown that the address is theirs; false when the link can no longer be used. */
    public boolean confirmAddress(EnvironmentId environment, Token token, Origin origin, Instant now) {
        return use(environment, token, MailLinks.Purpose.CONFIRM_ADDRESS, now, account -> {
            accounts.confirmEmail(account, owner(account), origin, now);
        });
    }

    /**
     * A change was somebody else's: signs out everywhere, demands a new password, and tells the administrators. The factors
     * stay as they are, since the mailbox alone must not remove them.
     */
    public boolean reportNotMe(EnvironmentId environment, Token token, Origin origin, Instant now) {
        return use(environment, token, MailLinks.Purpose.NOT_ME, now, account -> {
            passwords.demandChange(account.id(), Passwords.MustChange.REQUIRED);
            signOutEverywhere(account, ActivityEvent.EndReason.REPORTED, origin, now);
            activity.record(
                    environment,
                    Optional.of(account.id()),
                    owner(account),
                    origin,
                    new ActivityEvent.NotMeReported(),
                    now);
        });
    }

    /**
     * Sets the password and signs out everywhere. The budget of second-factor guesses stays as it is, and so does the demand
     * for a new password that too many of them brought: the mailbox buys no further guesses.
     */
    public boolean setPassword(
            EnvironmentId environment, Token token, Passwords.Prepared password, Origin origin, Instant now) {
        return use(environment, token, MailLinks.Purpose.NEW_PASSWORD, now, account -> {
            Optional<Passwords.MustChange> guessed =
                    passwords.mustChange(account.id()).filter(why -> why == Passwords.MustChange.GUESSED);
            passwords.set(account, password, guessed, owner(account), origin, now);
            signOutEverywhere(account, ActivityEvent.EndReason.PASSWORD_CHANGED, origin, now);
            links.withdraw(account.id(), MailLinks.Purpose.NEW_PASSWORD);
        });
    }

    /** Uses up an invitation to pair a phone: what follows is a sign-in like any other, with everything it asks for. */
    public boolean beginPairing(EnvironmentId environment, Token token, Origin origin, Instant now) {
        return use(environment, token, MailLinks.Purpose.PAIR_PHONE, now, account -> {
            activity.record(
                    environment,
                    Optional.of(account.id()),
                    owner(account),
                    origin,
                    new ActivityEvent.PhoneInvitationUsed(),
                    now);
        });
    }

    private boolean use(
            EnvironmentId environment, Token token, MailLinks.Purpose purpose, Instant now, Consumer<Account> effect) {
        return database.write(() -> {
            Optional<Open> open = find(environment, token, now)
                    .filter(found -> found.link().purpose() == purpose)
                    .filter(_ -> links.consume(environment, token, now));
            open.ifPresent(found -> effect.accept(found.account()));
            return open.isPresent();
        });
    }

    private void signOutEverywhere(Account account, ActivityEvent.EndReason why, Origin origin, Instant now) {
        sessions.forgetBrowsers(account.id());
        signIns.deleteOthers(account.id(), Optional.empty());
        sessions.endOthers(account.environment(), account.id(), Optional.empty(), why, owner(account), origin, now);
    }

    private static Actor owner(Account account) {
        return Actor.person(account.id(), account.username());
    }
}
