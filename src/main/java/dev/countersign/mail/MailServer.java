package dev.countersign.mail;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Observation;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Tally;
import dev.countersign.store.Database;
import dev.countersign.store.SecretVersions;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The mail server of each environment: looked at, changed, tried. Thread-safe. */
@Component
public final class MailServer {
    /** What replacements of a server's password are counted under. */
    static final String PLACE = "mail_settings";

    private final Database database;
    private final MailStore store;
    private final SecretVersions versions;
    private final Letters letters;
    private final Smtp smtp;
    private final Vault vault;
    private final Randomness randomness;
    private final ActivityLog activity;
    private final Tally outcomes = new Tally("accepted", "failed", "refused");

    MailServer(
            Database database,
            MailStore store,
            SecretVersions versions,
            Letters letters,
            Smtp smtp,
            Vault vault,
            Randomness randomness,
            ActivityLog activity) {
        this.database = database;
        this.store = store;
        this.versions = versions;
        this.letters = letters;
        this.smtp = smtp;
        this.vault = vault;
        this.randomness = randomness;
        this.activity = activity;
    }

    /** The settings; absent while no mail is sent. */
    public Optional<MailSettings> find(EnvironmentId environment) {
        return store.settings(environment);
    }

    public boolean hasPassword(EnvironmentId environment) {
        return store.sealedPassword(environment).isPresent();
    }

    /**
     * Changes the settings, which must make sense.
     *
     * @param newPassword absent keeps the one there is, as long as server and user stay the same
     */
    public void change(
            EnvironmentId environment,
            MailSettings settings,
            Optional<SecretText> newPassword,
            Actor actor,
            Origin origin,
            Instant now) {
        if (settings.problem().isPresent()) {
            throw new IllegalArgumentException("the settings make no sense: " + settings.problem());
        }
        database.write(() -> {
            Optional<MailSettings> before = store.settings(environment);
            store.saveSettings(environment, settings, password(environment, before, settings, newPassword), now);
            String described = before.map(MailServer::describe).orElse("–");
            log(environment, new ActivityEvent.MailServerChanged(described, describe(settings)), actor, origin, now);
        });
    }

    /** A kept password must not be handed to another server or another user. */
    private Optional<byte[]> password(
            EnvironmentId environment,
            Optional<MailSettings> before,
            MailSettings after,
            Optional<SecretText> newPassword) {
        if (after.username().isEmpty()) {
            versions.raise(environment.value(), PLACE);
            return Optional.empty();
        }
        boolean same = before.filter(old -> old.host().equals(after.host())
                        && old.port() == after.port()
                        && old.security() == after.security()
                        && old.username().equals(after.username()))
                .isPresent();
        Optional<SecretText> asked = newPassword.filter(text -> !text.isEmpty());
        if (asked.isEmpty() && same) {
            return store.sealedPassword(environment).map(MailStore.SealedPassword::sealed);
        }
        Place place = passwordPlace(environment, versions.raise(environment.value(), PLACE));
        return asked.map(text -> vault.seal(SecretBytes.of(text.reveal().getBytes(StandardCharsets.UTF_8)), place));
    }

    /** Sends no more mail from now on; what is queued waits and is given up in its time. */
    public void remove(EnvironmentId environment, Actor actor, Origin origin, Instant now) {
        database.write(() -> store.settings(environment).ifPresent(before -> {
            store.deleteSettings(environment);
            versions.raise(environment.value(), PLACE);
            log(environment, new ActivityEvent.MailServerChanged(describe(before), "–"), actor, origin, now);
        }));
    }

    /** A test that was made; {@code id} finds it in the queue. */
    public record Tested(String id, Delivery delivery) {}

    /** Sends a test at once, and keeps what the server said. */
    public Tested test(Environment environment, String recipient, String askedBy, String locale, Instant now) {
        Mail mail = new Mail.TestMail(askedBy);
        String id = randomness.identifier();
        Delivery delivery = deliver(environment, id, recipient, mail, locale, askedBy, now);
        QueuedMail tried = new QueuedMail(
                id,
                environment.id(),
                Optional.empty(),
                mail.kind(),
                locale,
                Smtp.oneLine(recipient),
                delivery instanceof Delivery.Accepted ? QueuedMail.State.SENT : QueuedMail.State.FAILED,
                1,
                now,
                now,
                now,
                Smtp.oneLine(delivery.answer()));
        database.write(() -> store.insert(tried, Optional.empty()));
        return new Tested(id, delivery);
    }

    /** How mails fared since the start, by {@link Delivery} in small letters. */
    public Tally outcomes() {
        return outcomes;
    }

    /** Hands one mail to the server. Must not be called inside a transaction. */
    Delivery deliver(
            Environment environment, String id, String recipient, Mail mail, String locale, String name, Instant now) {
        Optional<MailSettings> settings = store.settings(environment.id());
        if (settings.isEmpty()) {
            return new Delivery.Failed("No mail server is set up.");
        }
        try {
            Optional<SecretText> password = passwordOf(environment.id());
            Letter letter = letters.write(mail, environment, name, locale);
            Delivery delivery = Observation.of(
                    Observation.Part.MAIL, () -> smtp.send(settings.get(), password, recipient, letter, id, now));
            outcomes.add(delivery.getClass().getSimpleName().toLowerCase(Locale.ROOT));
            return delivery;
        } catch (Vault.NotOurs e) {
            return new Delivery.Failed("The saved password cannot be opened: " + e.getMessage());
        }
    }

    private Optional<SecretText> passwordOf(EnvironmentId environment) throws Vault.NotOurs {
        Optional<MailStore.SealedPassword> kept = store.sealedPassword(environment);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        SecretBytes opened = vault.open(
                kept.get().sealed(), passwordPlace(environment, kept.get().version()));
        return Optional.of(SecretText.of(new String(opened.reveal(), StandardCharsets.UTF_8)));
    }

    private static Place passwordPlace(EnvironmentId environment, long version) {
        return new Place("mail_settings", "sealed_password", environment.value()).of(environment.value(), version);
    }

    private static String describe(MailSettings settings) {
        return settings.host() + ":" + settings.port() + " "
                + settings.security().wireName() + ", " + settings.fromAddress();
    }

    private void log(EnvironmentId environment, ActivityEvent event, Actor actor, Origin origin, Instant now) {
        activity.record(environment, Optional.empty(), actor, origin, event, now);
    }
}
