package dev.countersign.administration;

import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.mail.Mail;
import dev.countersign.mail.MailQueue;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PersonStatus;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.store.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Writes to everyone whom a start will concern and who has no second factor yet, as soon as its date is known, and again when
 * it is moved. Some people a transaction, in which is also noted how far it has come: nobody is left out by a restart, nobody
 * is written to twice. No licence is asked: a date that is kept from people locks them out. Thread-safe.
 */
@Component
final class StartAnnouncements {
    /** So few that a sign-in that waits for the transaction does not notice. */
    static final int AT_ONCE = 50;

    private final Database database;
    private final StartAnnouncementStore store;
    private final Policies policies;
    private final People people;
    private final Accounts accounts;
    private final MailQueue mails;

    StartAnnouncements(
            Database database,
            StartAnnouncementStore store,
            Policies policies,
            People people,
            Accounts accounts,
            MailQueue mails) {
        this.database = database;
        this.store = store;
        this.policies = policies;
        this.people = people;
        this.accounts = accounts;
        this.mails = mails;
    }

    /** The environments in which a start has a date that is still to come. */
    List<EnvironmentId> planned(Instant now) {
        return policies.plannedStarts(now);
    }

    /** Queues mails to the next people; false when there is nobody left, or no mail is sent here. */
    boolean announceSome(EnvironmentId environment, Instant now) {
        Optional<Instant> startsAt = policies.planned(environment, now).flatMap(AutomaticStart::startsAt);
        return startsAt.isPresent()
                && mails.isOn(environment)
                && database.write(() -> next(environment, startsAt.get(), now));
    }

    private boolean next(EnvironmentId environment, Instant startsAt, Instant now) {
        Optional<String> after = store.position(environment, startsAt);
        if (after.isEmpty()) {
            return false;
        }
        PeopleFilter concerned = PeopleFilter.EVERYONE.withStatus(PersonStatus.GRACE);
        List<AccountId> some = people.idsAfter(environment, concerned, after.get(), AT_ONCE, now);
        if (some.isEmpty()) {
            store.finish(environment, startsAt, now);
            return false;
        }
        if (!store.advance(environment, startsAt, after.get(), some.getLast().value())) {
            return false;
        }
        Mail mail = new Mail.RequirementStarts(startsAt);
        some.forEach(id -> accounts.find(id).ifPresent(account -> mails.send(account, mail, now)));
        return true;
    }
}
