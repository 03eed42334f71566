package dev.countersign.mail;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * Requests for a new password. What is typed is put aside unread, and looked up later by {@link MailJob}: the answer on the
 * page, and the time it takes, cannot depend on whether there is such a person. Thread-safe.
 */
@Component
public final class ForgottenPasswords {
    private static final int MOST_AN_HOUR = 3;
    private static final int LONGEST_NAME = 254;

    private final Database database;
    private final MailQueue queue;
    private final MailStore store;
    private final Accounts accounts;

    ForgottenPasswords(Database database, MailQueue queue, MailStore store, Accounts accounts) {
        this.database = database;
        this.queue = queue;
        this.store = store;
        this.accounts = accounts;
    }

    /** Puts a typed name aside; nothing happens where no mail is sent. */
    public void request(EnvironmentId environment, String typed, String locale, Origin origin, Instant now) {
        if (queue.isOn(environment) && !typed.isBlank() && typed.length() <= LONGEST_NAME) {
            Mail.Circumstances how = Mail.Circumstances.of(origin, now);
            queue.sendForgotten(environment, new MailContents.ForgottenName(SecretText.of(typed), how), locale, now);
        }
    }

    /** Turns a request into the mail, or into nothing, and removes it. */
    void resolve(QueuedMail request, SecretBytes contents, Instant now) {
        MailContents.ForgottenName name = MailContents.readForgotten(contents);
        database.write(() -> {
            if (store.delete(request.environment(), request.id())) {
                accounts.findByTypedName(request.environment(), name.typed().reveal())
                        .filter(account -> !account.isDisabled() && !hasMany(account, now))
                        .ifPresent(account -> queue.sendNewPassword(account, name.how(), now));
            }
        });
    }

    private boolean hasMany(Account account, Instant now) {
        return store.countSince(account.id(), "forgotten-password", now.minus(Duration.ofHours(1))) >= MOST_AN_HOUR;
    }
}
