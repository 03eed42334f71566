package dev.countersign.account;

import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.signin.OwnFactors;
import dev.countersign.web.SignedIn;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The phones of a signed-in person, and whether they may go without one, or without their app. */
@Component
final class OwnPhones {
    private final Phones phones;
    private final OwnFactors own;

    OwnPhones(Phones phones, OwnFactors own) {
        this.phones = phones;
        this.own = own;
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

    boolean mayRemoveApp(SignedIn person, Instant now) {
        return own.mayRemoveApp(person.account(), now);
    }

    boolean mayRemovePhone(SignedIn person, Instant now) {
        return own.mayRemovePhone(person.account(), now);
    }
}
