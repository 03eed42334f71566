package dev.countersign.moving;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Administrator;
import dev.countersign.directory.Account;
import dev.countersign.directory.Group;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.store.Database;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes people and groups to a file that {@link MovingIn} and {@link GroupFile} read: everything but secrets. Some hundred
 * are read at a time, so that memory does not depend on how many there are. Thread-safe.
 */
@Component
public final class MovingOut {
    private static final int PAGE = 1_000;
    private static final List<String> COLUMNS =
            List.of("username", "email", "name", "groups", "locale", "disabled", "role");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Database database;
    private final Newcomers newcomers;
    private final ActivityLog activity;

    MovingOut(Database database, Newcomers newcomers, ActivityLog activity) {
        this.database = database;
        this.newcomers = newcomers;
        this.activity = activity;
    }

    /** How people are written. */
    public enum Format {
        JSONL,
        CSV
    }

    /**
     * Writes every account of the environment, in order of usernames; the file has no passwords and no apps.
     *
     * @return how many; absent when the administrator may not see people
     */
    public Optional<Long> people(Administrator by, Format format, Writer to, Instant now) throws IOException {
        if (!by.rights().may(Permission.VIEW_PEOPLE)) {
            return Optional.empty();
        }
        Map<GroupId, String> groupNames = groupNames(by);
        if (format == Format.CSV) {
            to.write(CsvRows.write(COLUMNS));
        }
        long written = 0;
        List<Account> page = newcomers.after(by.environment(), "", PAGE);
        while (!page.isEmpty()) {
            Map<AccountId, List<String>> groups = groupsOf(page, groupNames);
            for (Account account : page) {
                List<String> names = groups.getOrDefault(account.id(), List.of());
                to.write(format == Format.CSV ? row(account, names) : line(account, names));
            }
            written += page.size();
            page = newcomers.after(by.environment(), key(page.getLast()), PAGE);
        }
        log(by, "people", written, now);
        return Optional.of(written);
    }

    /** Writes every group: who is directly in it, and which groups stand directly in it. */
    public Optional<Long> groups(Administrator by, Writer to, Instant now) throws IOException {
        if (!by.rights().may(Permission.VIEW_PEOPLE)) {
            return Optional.empty();
        }
        Newcomers.GroupsNow there = newcomers.groups(by.environment());
        Map<GroupId, String> names = groupNames(by);
        to.write(CsvRows.write(GroupFile.COLUMNS));
        long rows = 0;
        for (Group group : there.groups()) {
            to.write(CsvRows.write(List.of(group.name(), "", "")));
            rows++;
        }
        for (var nesting : there.nestings()) {
            to.write(CsvRows.write(
                    List.of(names.getOrDefault(nesting.parent(), ""), "", names.getOrDefault(nesting.child(), ""))));
            rows++;
        }
        List<Account> page = newcomers.after(by.environment(), "", PAGE);
        while (!page.isEmpty()) {
            Map<AccountId, List<String>> groups = groupsOf(page, names);
            for (Account account : page) {
                for (String name : groups.getOrDefault(account.id(), List.of())) {
                    to.write(CsvRows.write(List.of(name, account.username(), "")));
                    rows++;
                }
            }
            page = newcomers.after(by.environment(), key(page.getLast()), PAGE);
        }
        log(by, "groups", rows, now);
        return Optional.of(rows);
    }

    private void log(Administrator by, String what, long rows, Instant now) {
        database.write(() -> activity.record(
                by.environment(),
                Optional.empty(),
                by.actor(),
                by.origin(),
                new ActivityEvent.PeopleExported(what, rows),
                now));
    }

    private static String key(Account account) {
        return Username.lookupKey(account.username()).orElseThrow();
    }

    private Map<GroupId, String> groupNames(Administrator by) {
        Map<GroupId, String> names = new HashMap<>();
        newcomers.groups(by.environment()).groups().forEach(group -> names.put(group.id(), group.name()));
        return names;
    }

    private Map<AccountId, List<String>> groupsOf(List<Account> page, Map<GroupId, String> names) {
        Map<AccountId, List<String>> groups = new HashMap<>();
        for (Newcomers.Membership membership :
                newcomers.memberships(page.stream().map(Account::id).toList())) {
            Optional.ofNullable(names.get(membership.group()))
                    .ifPresent(name -> groups.computeIfAbsent(membership.account(), _ -> new ArrayList<>())
                            .add(name));
        }
        groups.values().forEach(list -> list.sort(null));
        return groups;
    }

    private static String row(Account account, List<String> groups) {
        return CsvRows.write(List.of(
                account.username(),
                account.email(),
                account.displayName(),
                String.join(";", groups),
                account.locale().orElse(""),
                Boolean.toString(account.isDisabled()),
                account.role().wireName()));
    }

    private static String line(Account account, List<String> groups) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("username", account.username());
        line.put("email", account.email());
        line.put("name", account.displayName());
        line.put("groups", groups);
        account.locale().ifPresent(locale -> line.put("locale", locale));
        line.put("disabled", account.isDisabled());
        line.put("role", account.role().wireName());
        return JSON.writeValueAsString(line) + "\n";
    }
}
