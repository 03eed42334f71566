package dev.countersign.mail;

import dev.countersign.directory.Accounts;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Mails to everyone who administers an environment. Thread-safe. */
@Component
public final class AdministratorAlerts {
    private final Database database;
    private final Accounts accounts;
    private final MailQueue queue;

    AdministratorAlerts(Database database, Accounts accounts, MailQueue queue) {
        this.database = database;
        this.accounts = accounts;
        this.queue = queue;
    }

    /** Queues one mail to each administrator, in the running transaction. */
    public void announce(EnvironmentId environment, Mail.AdministratorAlert alert, Instant now) {
        database.requireTransaction();
        if (queue.isOn(environment)) {
            accounts.administrators(environment).forEach(account -> queue.send(account, alert, now));
        }
    }
}
