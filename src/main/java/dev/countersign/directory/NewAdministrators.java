package dev.countersign.directory;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Role;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Which events give someone the rights of an administrator: a role, the role of a group, joining a group that gives it,
 * or standing in one. Asked in the transaction of the event, after the change. Thread-safe.
 */
@Component
public final class NewAdministrators {
    private final Accounts accounts;
    private final Groups groups;

    NewAdministrators(Accounts accounts, Groups groups) {
        this.accounts = accounts;
        this.groups = groups;
    }

    /** Who has the rights now. */
    public sealed interface Made {
        String name();

        record Person(String name) implements Made {}

        /** Everyone in a group, now and later. */
        record Members(String name) implements Made {}
    }

    /** For one event, or for several of one transaction: the groups are looked up once, and only when they matter. */
    public Question in(EnvironmentId environment) {
        return new Question(environment);
    }

    /** Not thread-safe. */
    public final class Question {
        private final EnvironmentId environment;
        private @Nullable Set<String> giving;

        private Question(EnvironmentId environment) {
            this.environment = environment;
        }

        public Optional<Made> of(Optional<AccountId> about, ActivityEvent event) {
            return switch (event) {
                case ActivityEvent.AccountCreated(String username, String role) -> person(username, is(role));
                case ActivityEvent.AccountImported(
                        String username,
                        String role,
                        List<String> in,
                        boolean _,
                        boolean _) -> person(username, is(role) || gives(in));
                case ActivityEvent.RoleChanged(String _, String role) when is(role) -> about.flatMap(this::person);
                case ActivityEvent.GroupMemberAdded(String group)
                when gives(List.of(group)) ->
                    about.flatMap(accounts::find)
                            .filter(account -> account.role() != Role.ADMINISTRATOR)
                            .map(account -> new Made.Person(account.username()));
                case ActivityEvent.GroupRoleChanged(String group, String before, String role)
                when is(role) && !is(before) -> Optional.of(new Made.Members(group));
                case ActivityEvent.GroupNested(String parent, String group)
                when gives(List.of(parent)) -> Optional.of(new Made.Members(group));
                default -> Optional.empty();
            };
        }

        private Optional<Made> person(AccountId id) {
            return accounts.find(id).map(account -> new Made.Person(account.username()));
        }

        private static Optional<Made> person(String username, boolean made) {
            return made ? Optional.of(new Made.Person(username)) : Optional.empty();
        }

        private static boolean is(String role) {
            return role.equalsIgnoreCase(Role.ADMINISTRATOR.wireName());
        }

        private boolean gives(Collection<String> names) {
            return !names.isEmpty()
                    && names.stream().flatMap(name -> key(name).stream()).anyMatch(giving()::contains);
        }

        private Set<String> giving() {
            Set<String> known = giving;
            if (known == null) {
                known = keys();
                giving = known;
            }
            return known;
        }

        private Set<String> keys() {
            var ids = groups.giving(environment, List.of(Role.ADMINISTRATOR));
            return ids.isEmpty()
                    ? Set.of()
                    : groups.names(environment).stream()
                            .filter(group -> ids.contains(group.id()))
                            .flatMap(group -> key(group.name()).stream())
                            .collect(Collectors.toSet());
        }

        private static Optional<String> key(String name) {
            return Username.lookupKey(name);
        }
    }
}
