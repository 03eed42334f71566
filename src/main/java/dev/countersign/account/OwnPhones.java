package dev.countersign.account;

import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.totp.Apps;
import dev.countersign.policy.PolicyGate;
import dev.countersign.signin.FactorFacts;
import dev.countersign.web.SignedIn;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The phones of a signed-in person, and whether they may go without one, or without their app. */
@Component
final class OwnPhones {
    private final Phones phones;
    private final Apps apps;
    private final FactorFacts facts;
    private final PolicyGate gate;

    OwnPhones(Phones phones, Apps apps, FactorFacts facts, PolicyGate gate) {
        this.phones = phones;
        this.apps = apps;
        this.facts = facts;
        this.gate = gate;
    }

    /** @param notifiedKey how its owner hears of a request, in plain words */
    record Row(String id, String name, Instant added, Instant lastSeen, String notifiedKey, boolean trouble) {
        static Row of(Phone phone) {
            boolean failed = phone.ringFailedAt().isPresent();
            String key = phone.notified()
                    ? "account.phone-notified"
                    : failed ? "account.phone-trouble" : "account.phone-silent";
            return new Row(phone.id().value(), phone.name(), phone.pairedAt(), phone.lastSeenAt(), key, failed);
        }
    }

    boolean any(Account account) {
        return !phones.of(account.id()).isEmpty();
    }

    /** What the page shows of them. */
    void addTo(Map<String, Object> model, SignedIn person, Instant now) {
        List<Row> rows = rows(person.account());
        model.put("phones", rows);
        model.put("phonesFull", rows.size() >= Phones.MOST);
        model.put("mayRemovePhone", mayRemovePhone(person, now));
    }

    List<Row> rows(Account account) {
        return phones.of(account.id()).stream().map(Row::of).toList();
    }

    /** Nobody removes the last thing the policy demands of them; it can be replaced. */
    boolean mayRemoveApp(SignedIn person, Instant now) {
        return any(person.account()) || mayBeWithout(person, now);
    }

    boolean mayRemovePhone(SignedIn person, Instant now) {
        return phones.of(person.account().id()).size() > 1
                || apps.has(person.account().id())
                || mayBeWithout(person, now);
    }

    private boolean mayBeWithout(SignedIn person, Instant now) {
        Account account = person.account();
        PolicyGate.Enrolments without = new PolicyGate.Enrolments(
                Set.of(), false, facts.of(account.id()).mustChangePassword());
        return !gate.demandsSecondFactor(account, without, now)
                && !person.rights().openConsole();
    }
}
