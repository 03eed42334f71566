package dev.countersign.entitlement;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.Settings;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.vault.OperatorKey;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * What each environment may switch on. Asked only where something is switched on: an end that has passed, or too few seats,
 * never stops a sign-in, a registration or a reset, and never takes a requirement back. Thread-safe.
 */
@Component
public final class Entitlements {
    private final Database database;
    private final EntitlementStore store;
    private final ActivityLog activity;
    private final Optional<OperatorKey> operatorKey;

    Entitlements(Database database, EntitlementStore store, ActivityLog activity, Settings settings) {
        this.database = database;
        this.store = store;
        this.activity = activity;
        this.operatorKey = settings.operatorKey();
    }

    /** Whether {@code feature} may be switched on for {@code seatsNeeded} people; 0 where people are not counted. */
    public Verdict allows(EnvironmentId environment, Feature feature, long seatsNeeded, Instant now) {
        Optional<Entitlement> found = store.find(environment);
        if (found.isEmpty()) {
            return new Verdict.Allowed();
        }
        Entitlement agreed = found.get();
        if (!agreed.features().contains(feature)) {
            return new Verdict.NotIncluded(feature);
        }
        if (agreed.isOver(now)) {
            return new Verdict.Ended(feature, agreed.endsAt().orElseThrow());
        }
        return agreed.seats()
                .filter(seats -> seats < seatsNeeded)
                .<Verdict>map(seats -> new Verdict.TooFewSeats(feature, seats, seatsNeeded))
                .orElseGet(Verdict.Allowed::new);
    }

    /** What is agreed, beside the number of people that is in use. */
    public Status status(EnvironmentId environment, long seatsUsed, Instant now) {
        Optional<Entitlement> found = store.find(environment);
        Entitlement agreed = found.orElse(Entitlement.UNLIMITED);
        return new Status(
                found.isPresent(), agreed, seatsUsed, agreed.isOver(now) ? agreed.endsAt() : Optional.empty());
    }

    /** Sets what is agreed: the operator, at the command line or with an operator's key. */
    public void set(EnvironmentId environment, Entitlement entitlement, Actor actor, Origin origin, Instant issuedAt) {
        database.write(() -> replace(environment, entitlement, actor, origin, issuedAt, issuedAt));
    }

    /** Takes back every limit; false when there is none. */
    public boolean remove(EnvironmentId environment, Actor actor, Origin origin, Instant now) {
        return database.write(() -> {
            String before = describe(environment);
            boolean removed = store.delete(environment);
            if (removed) {
                log(environment, before, Entitlement.UNLIMITED.describe(), actor, origin, now);
            }
            return removed;
        });
    }

    /** What became of a signed file. */
    public sealed interface Installed {
        record Done(Entitlement entitlement) implements Installed {}

        record Refused(SignedEntitlement.Problem problem) implements Installed {}
    }

    /** Sets what a file says that the operator has signed. */
    public Installed install(Environment environment, String file, Actor actor, Origin origin, Instant now) {
        if (operatorKey.isEmpty()) {
            return new Installed.Refused(SignedEntitlement.Problem.NO_OPERATOR_KEY);
        }
        return switch (SignedEntitlement.open(file, operatorKey.get())) {
            case SignedEntitlement.Opened.Refused(SignedEntitlement.Problem why) -> new Installed.Refused(why);
            case SignedEntitlement.Opened.Valid(SignedEntitlement signed) ->
                install(environment, signed, actor, origin, now);
        };
    }

    private Installed install(
            Environment environment, SignedEntitlement signed, Actor actor, Origin origin, Instant now) {
        if (!signed.environment().equals(environment.name())) {
            return new Installed.Refused(SignedEntitlement.Problem.OTHER_ENVIRONMENT);
        }
        return database.write(
                () -> replace(environment.id(), signed.entitlement(), actor, origin, signed.issuedAt(), now)
                        ? new Installed.Done(signed.entitlement())
                        : new Installed.Refused(SignedEntitlement.Problem.OLDER));
    }

    private boolean replace(
            EnvironmentId environment,
            Entitlement entitlement,
            Actor actor,
            Origin origin,
            Instant issuedAt,
            Instant now) {
        String before = describe(environment);
        if (!store.replace(environment, entitlement, issuedAt, actor.name(), now)) {
            return false;
        }
        log(environment, before, entitlement.describe(), actor, origin, now);
        return true;
    }

    private String describe(EnvironmentId environment) {
        return store.find(environment).orElse(Entitlement.UNLIMITED).describe();
    }

    private void log(EnvironmentId environment, String before, String after, Actor actor, Origin origin, Instant now) {
        activity.record(
                environment, Optional.empty(), actor, origin, new ActivityEvent.EntitlementChanged(before, after), now);
    }
}
