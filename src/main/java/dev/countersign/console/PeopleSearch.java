package dev.countersign.console;

import dev.countersign.directory.AccountSource;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Texts;
import dev.countersign.people.Companion;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.PersonStatus;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A search as it stands in the address of the list, so that a link to it finds the same people. */
record PeopleSearch(PeopleFilter filter, PeopleSort sort, Optional<PeoplePage.Cursor> from) {
    private static final int LONGEST_KEY = 300;

    /** The parameters of an address, by name. */
    interface Parameters {
        @Nullable String get(String name);
    }

    /** What the address says; what makes no sense in it is left out. */
    static PeopleSearch of(Parameters request) {
        PeopleFilter filter = new PeopleFilter(
                text(request, "q").orElse(""),
                text(request, "role").flatMap(Role::ofWireName),
                text(request, "group").filter(Identifiers::isOne).map(GroupId::new),
                text(request, "source").flatMap(PeopleSearch::source),
                text(request, "status").flatMap(PersonStatus::ofWireName),
                text(request, "companion").flatMap(Companion::ofWireName));
        PeopleSort sort = text(request, "sort").flatMap(PeopleSort::ofWireName).orElse(PeopleSort.USERNAME);
        return new PeopleSearch(
                filter, sort, cursor(request, "after", false).or(() -> cursor(request, "before", true)));
    }

    /** The list one came from, as the page says in {@code from}: the same filters and order, from the start. */
    static PeopleSearch cameFrom(Parameters request) {
        Map<String, String> fields = new HashMap<>();
        for (String field : text(request, "from").orElse("").split("&", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), decoded(field.substring(equals + 1)));
            }
        }
        PeopleSearch search = of(fields::get);
        return new PeopleSearch(search.filter(), search.sort(), Optional.empty());
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The list with this search. */
    String list() {
        return address("/console/people", Optional.empty());
    }

    /** What other pages carry to find back; empty for the list of everyone. */
    String query() {
        return address("", Optional.empty()).replaceFirst("^\\?", "");
    }

    /** A page with the way back to this list. */
    String carriedBy(String page) {
        return query().isEmpty()
                ? page
                : new PageAddress(page).with("from", query()).toString();
    }

    private static Optional<PeoplePage.Cursor> cursor(Parameters request, String name, boolean backward) {
        Optional<String> key = text(request, "key").filter(text -> text.length() <= LONGEST_KEY && Texts.isPlain(text));
        return text(request, name)
                .filter(Identifiers::isOne)
                .flatMap(id -> key.map(found -> new PeoplePage.Cursor(found, id, backward)));
    }

    private static Optional<String> text(Parameters request, String name) {
        return Optional.ofNullable(request.get(name));
    }

    private static Optional<AccountSource> source(String name) {
        for (AccountSource source : AccountSource.values()) {
            if (wireName(source).equals(name)) {
                return Optional.of(source);
            }
        }
        return Optional.empty();
    }

    static String wireName(AccountSource source) {
        return source.name().toLowerCase(Locale.ROOT);
    }

    /** What the search says, as fields of a form. */
    Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        if (!filter.text().isEmpty()) {
            fields.put("q", filter.text());
        }
        filter.role().ifPresent(role -> fields.put("role", role.wireName()));
        filter.group().ifPresent(group -> fields.put("group", group.value()));
        filter.source().ifPresent(source -> fields.put("source", wireName(source)));
        filter.status().ifPresent(status -> fields.put("status", status.wireName()));
        filter.companion().ifPresent(companion -> fields.put("companion", companion.wireName()));
        if (sort != PeopleSort.USERNAME) {
            fields.put("sort", sort.wireName());
        }
        return fields;
    }

    boolean isFiltered() {
        return !filter.equals(PeopleFilter.EVERYONE);
    }

    /** The address of the same search in another order. */
    String sorted(PeopleSort by) {
        return new PeopleSearch(filter, by, Optional.empty()).address("/console/people", Optional.empty());
    }

    String address(String path, Optional<PeoplePage.Cursor> to) {
        Map<String, String> fields = fields();
        to.ifPresent(cursor -> {
            fields.put(cursor.backward() ? "before" : "after", cursor.id());
            fields.put("key", cursor.key());
        });
        PageAddress address = new PageAddress(path);
        fields.forEach(address::with);
        return address.toString();
    }
}
