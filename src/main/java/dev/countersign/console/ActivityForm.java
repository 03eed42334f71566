package dev.countersign.console;

import dev.countersign.activity.ActivityFilter;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.EnvironmentId;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The questions of the activity page as typed, which are its address as well. */
record ActivityForm(String person, String actor, String kind, String from, String to, String address) {
    private static final int LONGEST = 254;

    /** A form that makes sense, or the message that says why it does not. */
    sealed interface Read {
        record Valid(ActivityFilter filter) implements Read {}

        record Problem(String key, String typed) implements Read {}
    }

    Read read(EnvironmentId environment, Accounts accounts) {
        Optional<Account> account = person.isBlank() || person.length() > LONGEST
                ? Optional.empty()
                : accounts.findByTypedName(environment, person);
        if (!person.isBlank() && account.isEmpty()) {
            return new Read.Problem("problem.activity-person", person);
        }
        Optional<Instant> since;
        Optional<Instant> until;
        try {
            since = moment(from, 0);
            until = moment(to, 1);
        } catch (DateTimeParseException e) {
            return new Read.Problem("problem.activity-time", e.getParsedString());
        }
        return new Read.Valid(
                new ActivityFilter(account.map(Account::id), text(actor), text(kind), since, until, text(address)));
    }

    private static Optional<String> text(String typed) {
        return Optional.of(typed.strip()).filter(text -> !text.isEmpty() && text.length() <= LONGEST);
    }

    /** A day or a minute, in UTC; {@code addedDays} makes a day's end of it. */
    private static Optional<Instant> moment(String typed, int addedDays) {
        String text = typed.strip();
        if (text.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                text.length() == 10
                        ? LocalDate.parse(text)
                                .plusDays(addedDays)
                                .atStartOfDay(ZoneOffset.UTC)
                                .toInstant()
                        : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    }

    /** The part of the address after the question mark, with {@code more} at its end. */
    String query(String... more) {
        List<String> parts = new ArrayList<>();
        Map.of("person", person, "actor", actor, "kind", kind, "from", from, "to", to, "address", address)
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(entry -> !entry.getValue().isBlank())
                .forEach(entry ->
                        parts.add(entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8)));
        parts.addAll(List.of(more));
        return parts.isEmpty() ? "" : "?" + String.join("&", parts);
    }
}
