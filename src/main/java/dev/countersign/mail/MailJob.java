package dev.countersign.mail;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.store.Rounds;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Sends what is in the queue, a few at a time for each environment, beside everything else: a slow mail server holds up the mails
 * of its own environment only. An attempt is claimed before it begins, so that of several nodes one sends; a node that dies loses
 * its claim after some minutes, which are more than an attempt may take. Thread-safe.
 */
@Component
final class MailJob implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(MailJob.class);
    private static final int AT_ONCE = 4;
    private static final int BATCH = 100;
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final Duration KEPT = Duration.ofDays(14);
    private static final List<Duration> PAUSES = List.of(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(4));

    private final Database database;
    private final MailStore store;
    private final MailQueue queue;
    private final MailServer server;
    private final MailLinks links;
    private final ForgottenPasswords forgotten;
    private final Accounts accounts;
    private final Environments environments;
    private final Clock clock;
    private final Rounds rounds;
    private final Map<EnvironmentId, Rounds> senders = new ConcurrentHashMap<>();

    MailJob(
            Database database,
            MailStore store,
            MailQueue queue,
            MailServer server,
            MailLinks links,
            ForgottenPasswords forgotten,
            Accounts accounts,
            Environments environments,
            Clock clock) {
        this.database = database;
        this.store = store;
        this.queue = queue;
        this.server = server;
        this.links = links;
        this.forgotten = forgotten;
        this.accounts = accounts;
        this.environments = environments;
        this.clock = clock;
        this.rounds = new Rounds("mail", _ -> look());
    }

    /** Starts a round unless one is under way. */
    @Scheduled(initialDelayString = "PT2S", fixedDelayString = "PT1S")
    void start() {
        rounds.start();
    }

    /** Starts a round in each environment in which mails are due and none is under way. */
    private void look() {
        for (EnvironmentId environment : store.environmentsDue(clock.instant())) {
            senders.computeIfAbsent(environment, it -> new Rounds("mail of " + it, _ -> sendDue(it)))
                    .start();
        }
    }

    /** Sends what is due now, and answers how many attempts that were. */
    int sendDue() {
        return store.environmentsDue(clock.instant()).stream()
                .mapToInt(this::sendDue)
                .sum();
    }

    private int sendDue(EnvironmentId environment) {
        List<QueuedMail> due = store.due(environment, clock.instant(), BATCH);
        try (ExecutorService threads =
                Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
            threads.invokeAll(due.stream()
                    .<Callable<Boolean>>map(mail -> () -> attempt(mail))
                    .toList());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return due.size();
    }

    /** Its time begins when its turn comes: those before it may have taken minutes. */
    private boolean attempt(QueuedMail mail) {
        Instant now = clock.instant();
        boolean mine = rounds.goesOn() && database.write(() -> store.claim(mail, now.plus(LEASE)));
        if (mine) {
            try {
                send(mail, now);
            } catch (RuntimeException e) {
                LOG.warn("mail {} was not sent", mail.id(), e);
                note(
                        mail,
                        new Delivery.Failed(
                                "Countersign failed: " + e.getClass().getSimpleName()),
                        now);
            }
        }
        return mine;
    }

    private void send(QueuedMail mail, Instant now) {
        Optional<SecretBytes> contents;
        try {
            contents = queue.contents(mail);
        } catch (Vault.NotOurs e) {
            note(mail, new Delivery.Refused("The mail cannot be opened: " + e.getMessage()), now);
            return;
        }
        if (contents.isEmpty()) {
            return;
        }
        if (mail.kind().equals(MailContents.ForgottenName.KIND)) {
            forgotten.resolve(mail, contents.get(), now);
        } else {
            note(mail, deliver(mail, MailContents.read(contents.get(), mail.kind()), now), now);
        }
    }

    private Delivery deliver(QueuedMail mail, Mail says, Instant now) {
        Optional<Account> account = mail.account().flatMap(accounts::find);
        if (account.filter(Account::isDisabled).isPresent()) {
            return new Delivery.Refused("The account is disabled.");
        }
        return server.deliver(
                environments.find(mail.environment()).orElseThrow(),
                mail.id(),
                mail.recipient(),
                says,
                mail.locale(),
                account.map(Account::displayName).orElse(mail.recipient()),
                now);
    }

    private void note(QueuedMail mail, Delivery delivery, Instant now) {
        String answer = Smtp.oneLine(delivery.answer());
        database.write(() -> {
            switch (delivery) {
                case Delivery.Accepted _ -> store.finish(mail.id(), QueuedMail.State.SENT, answer);
                case Delivery.Refused _ -> store.giveUp(mail.id(), answer);
                case Delivery.Failed _ -> {
                    Instant next = now.plus(PAUSES.get(Math.min(mail.attempts(), PAUSES.size() - 1)));
                    if (next.isAfter(mail.giveUpAt())) {
                        store.giveUp(mail.id(), answer);
                    } else {
                        store.postpone(mail.id(), next, answer);
                    }
                }
            }
        });
    }

    /** Forgets links that have expired, and mails that were done with two weeks ago. */
    @Scheduled(initialDelayString = "PT7M", fixedDelayString = "PT1H")
    void forgetOld() {
        Instant now = clock.instant();
        int gone = links.forgetExpired(now) + database.write(() -> store.deleteDoneBefore(now.minus(KEPT)));
        LOG.debug("removed {} links and mails", gone);
    }

    @Override
    public void destroy() {
        rounds.stop();
        senders.values().forEach(Rounds::stop);
    }
}
