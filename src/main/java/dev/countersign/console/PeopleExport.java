package dev.countersign.console;

import dev.countersign.kernel.Csv;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.Person;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** People in a file, piece by piece, so that a million of them need no more memory than one page. */
@Component
final class PeopleExport {
    private static final int AT_ONCE = 500;
    private static final List<String> COLUMNS = List.of(
            "username",
            "name",
            "email",
            "role",
            "source",
            "status",
            "second_factor_since",
            "companion_since",
            "exempt_until",
            "required_from",
            "last_sign_in",
            "created");

    private final People people;
    private final JsonMapper json = JsonMapper.builder().build();

    PeopleExport(People people) {
        this.people = people;
    }

    void csv(EnvironmentId environment, PeopleFilter filter, Instant now, PrintWriter out) throws IOException {
        out.print(Csv.line(COLUMNS));
        each(
                environment,
                filter,
                now,
                out,
                person -> out.print(Csv.line(List.copyOf(values(person).values()))));
    }

    void json(EnvironmentId environment, PeopleFilter filter, Instant now, PrintWriter out) throws IOException {
        out.print("[");
        String[] before = {"\n"};
        each(environment, filter, now, out, person -> {
            out.print(before[0] + json.writeValueAsString(values(person)));
            before[0] = ",\n";
        });
        out.print("\n]\n");
    }

    private interface OnPerson {
        void accept(Person person);
    }

    private void each(EnvironmentId environment, PeopleFilter filter, Instant now, PrintWriter out, OnPerson what)
            throws IOException {
        Optional<PeoplePage.Cursor> next = Optional.empty();
        do {
            PeoplePage page = people.list(environment, filter, PeopleSort.USERNAME, next, AT_ONCE, now);
            page.people().forEach(what::accept);
            next = page.next();
            if (out.checkError()) {
                throw new IOException("whoever asked for the file has gone");
            }
        } while (next.isPresent());
    }

    private static Map<String, String> values(Person person) {
        List<String> values = List.of(
                person.username(),
                person.displayName(),
                person.email(),
                person.role().wireName(),
                PeopleSearch.wireName(person.source()),
                person.status().wireName(),
                text(person.enrolledAt()),
                text(person.companionAt()),
                text(person.exemptUntil()),
                text(person.graceUntil()),
                text(person.lastSignInAt()),
                person.createdAt().toString());
        return java.util.stream.IntStream.range(0, COLUMNS.size())
                .boxed()
                .collect(Collectors.toMap(COLUMNS::get, values::get, (one, _) -> one, LinkedHashMap::new));
    }

    private static String text(Optional<Instant> at) {
        return at.map(Instant::toString).orElse("");
    }
}
