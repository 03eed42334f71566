package dev.countersign.mail;

import dev.countersign.directory.Account;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Mails to be sent, in the database: they exist with what they tell of or not at all, survive a restart, and are sent by
 * {@link MailJob} of any node. Thread-safe.
 */
@Component
public final class MailQueue {
    private static final Duration CONFIRMATION_AGAIN = Duration.ofMinutes(5);

    /** After this long nobody waits for a mail any more. */
    static final Duration PATIENCE = Duration.ofDays(1);

    private final Database database;
    private final MailStore store;
    private final MailLinks links;
    private final Vault vault;
    private final Randomness randomness;

    MailQueue(Database database, MailStore store, MailLinks links, Vault vault, Randomness randomness) {
        this.database = database;
        this.store = store;
        this.links = links;
        this.vault = vault;
        this.randomness = randomness;
    }

    /** Whether mail is sent in this environment; without a mail server nothing is queued. */
    public boolean isOn(EnvironmentId environment) {
        return store.settings(environment).isPresent();
    }

    /** Queues a mail to an account in the running transaction, if mail is sent at all. */
    public void send(Account to, Mail mail, Instant now) {
        send(to, mail, PATIENCE, now);
    }

    private void send(Account to, Mail mail, Duration patience, Instant now) {
        database.requireTransaction();
        store.settings(to.environment())
                .ifPresent(settings -> insert(
                        to.environment(),
                        Optional.of(to.id()),
                        mail.kind(),
                        to.locale().filter(MailSettings.LOCALES::contains).orElse(settings.locale()),
                        to.email(),
                        MailContents.write(mail),
                        patience,
                        now));
    }

    private void insert(
            EnvironmentId environment,
            Optional<AccountId> account,
            String kind,
            String locale,
            String recipient,
            SecretBytes contents,
            Duration patience,
            Instant now) {
        String id = randomness.identifier();
        QueuedMail mail = new QueuedMail(
                id,
                environment,
                account,
                kind,
                locale,
                recipient,
                QueuedMail.State.QUEUED,
                0,
                now,
                now,
                now.plus(patience),
                "");
        store.insert(mail, Optional.of(vault.seal(contents, place(id))));
    }

    /** Asks the owner to show that the address is theirs; false when no mail is sent, or one was a moment ago. */
    public boolean sendConfirmation(Account to, Origin origin, Instant now) {
        return database.write(() -> {
            boolean again = store.countSince(to.id(), "confirm-address", now.minus(CONFIRMATION_AGAIN)) > 0;
            if (!isOn(to.environment()) || again) {
                return false;
            }
            Mail.Circumstances how = Mail.Circumstances.of(origin, now);
            send(to, new Mail.ConfirmAddress(links.issue(to, MailLinks.Purpose.CONFIRM_ADDRESS, how, now)), now);
            return true;
        });
    }

    /** Queues an invitation to pair a phone, in the running transaction; what an earlier one holds is of no use then. */
    public void sendPairing(Account to, Instant now) {
        if (isOn(to.environment())) {
            Mail.Circumstances how = Mail.Circumstances.of(Origin.SYSTEM, now);
            send(to, new Mail.CompanionInvitation(links.issue(to, MailLinks.Purpose.PAIR_PHONE, how, now)), now);
        }
    }

    /** Queues a name whose password is forgotten, whoever has it: nothing here depends on whether anyone does. */
    void sendForgotten(EnvironmentId environment, MailContents.ForgottenName request, String locale, Instant now) {
        database.write(() -> insert(
                environment,
                Optional.empty(),
                MailContents.ForgottenName.KIND,
                locale,
                "",
                MailContents.write(request),
                MailLinks.Purpose.NEW_PASSWORD.life(),
                now));
    }

    /** Queues the link that sets a new password; it is of no use when it arrives late. */
    void sendNewPassword(Account to, Mail.Circumstances how, Instant now) {
        MailLinks.Purpose purpose = MailLinks.Purpose.NEW_PASSWORD;
        send(to, new Mail.ForgottenPassword(how, links.issue(to, purpose, how, now)), purpose.life(), now);
    }

    /** What a queued mail says; nothing when it is done. */
    Optional<SecretBytes> contents(QueuedMail mail) throws Vault.NotOurs {
        Optional<byte[]> found = store.sealedContents(mail.id());
        return found.isEmpty() ? Optional.empty() : Optional.of(vault.open(found.get(), place(mail.id())));
    }

    /** The newest mails of an environment, newest first. */
    public List<QueuedMail> newest(EnvironmentId environment, int limit) {
        return store.newest(environment, limit);
    }

    public long count(EnvironmentId environment, QueuedMail.State state) {
        return store.count(environment, state);
    }

    /** How many mails of all environments wait to be sent. */
    public long waiting() {
        return store.waiting();
    }

    /** Tries a mail again at once, also one that was given up; false when there is none to try. */
    public boolean retry(EnvironmentId environment, String id, Instant now) {
        return database.write(() -> store.retry(environment, id, now, now.plus(PATIENCE)));
    }

    /** Takes a mail out of the queue; false when there is none. */
    public boolean delete(EnvironmentId environment, String id) {
        return database.write(() -> store.delete(environment, id));
    }

    private static Place place(String id) {
        return new Place("mail_queue", "sealed_contents", id);
    }
}
