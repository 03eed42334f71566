package dev.countersign.mail;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Links in mails. Opening one shows what it will do; it acts when the person says so, once. It is good for the address it was
 * sent to only: whoever opens it checks that the account still has that address. Thread-safe.
 */
@Component
public final class MailLinks {
    /** What a link does. */
    public enum Purpose {
        CONFIRM_ADDRESS(Duration.ofDays(7)),
        NOT_ME(Duration.ofDays(7)),
        NEW_PASSWORD(Duration.ofHours(1)),
        PAIR_PHONE(Duration.ofDays(7));

        private final Duration life;

        Purpose(Duration life) {
            this.life = life;
        }

        public Duration life() {
            return life;
        }

        /** Whether a new link makes those before it useless. */
        boolean replacesEarlier() {
            return this != NOT_ME;
        }
    }

    /**
     * A link that can still be used.
     *
     * @param recipient the mail address it was sent to
     * @param address where the request came from that it is about
     */
    public record Found(
            Purpose purpose,
            AccountId account,
            String recipient,
            String address,
            String browser,
            Instant createdAt,
            Instant expiresAt) {}

    private final Database database;
    private final MailLinkStore store;
    private final PublicAddress publicAddress;
    private final Environments environments;
    private final Randomness randomness;

    MailLinks(
            Database database,
            MailLinkStore store,
            PublicAddress publicAddress,
            Environments environments,
            Randomness randomness) {
        this.database = database;
        this.store = store;
        this.publicAddress = publicAddress;
        this.environments = environments;
        this.randomness = randomness;
    }

    /** A new link to the account's address, as it stands in the mail; in the transaction that queues the mail. */
    SecretText issue(Account account, Purpose purpose, Mail.Circumstances how, Instant now) {
        database.requireTransaction();
        if (purpose.replacesEarlier()) {
            store.deleteOf(account.id(), purpose);
        }
        Token token = randomness.token();
        store.insert(
                account.environment(),
                token.hash(),
                new Found(
                        purpose,
                        account.id(),
                        account.email(),
                        how.address(),
                        how.browser(),
                        now,
                        now.plus(purpose.life())));
        Environment environment = environments.find(account.environment()).orElseThrow();
        return SecretText.of(publicAddress.of(environment) + "/link?token=" + token.reveal());
    }

    /** The link, if it was neither used nor has expired. */
    public Optional<Found> find(EnvironmentId environment, Token token, Instant now) {
        return store.find(environment, token.hash(), now);
    }

    /** Uses the link up, once, in the transaction of what it does. */
    public boolean consume(EnvironmentId environment, Token token, Instant now) {
        database.requireTransaction();
        return store.consume(environment, token.hash(), now);
    }

    /** Makes the open links of an account for this purpose useless, in the running transaction. */
    public void withdraw(AccountId account, Purpose purpose) {
        database.requireTransaction();
        store.deleteOf(account, purpose);
    }

    int forgetExpired(Instant now) {
        return database.write(() -> store.deleteExpired(now));
    }
}
