package dev.countersign.moving;

import dev.countersign.administration.Safeguard;
import dev.countersign.directory.Account;
import dev.countersign.directory.Username;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who could still administer the environment after the lines so far, were they taken in: what the guard would refuse in
 * earnest, a preview says beforehand. Not thread-safe.
 */
final class AdministratorsLeft {
    private final Planner.Parts parts;
    private final Set<AccountId> usable;

    AdministratorsLeft(Planner.Parts parts, Safeguard safeguard, EnvironmentId environment) {
        this.parts = parts;
        this.usable = new HashSet<>(safeguard.whoCanAdminister(environment));
    }

    /** Takes the plan into account; false when it would leave nobody, and is left out therefore. */
    boolean allows(Plan plan, GroupBook book) {
        return switch (plan) {
            case Plan.Nothing _ -> true;
            case Plan.Add add -> {
                Account account = add.newcomer().account();
                boolean can = !account.isDisabled()
                        && add.candidate().password().isPresent()
                        && (account.role() == Role.ADMINISTRATOR
                                || gives(add.candidate().groups(), book));
                yield take(account.id(), can);
            }
            case Plan.Change change ->
                !matters(change, book) || take(change.account().id(), canAfter(change, book));
        };
    }

    private boolean take(AccountId account, boolean can) {
        if (!can && usable.size() == 1 && usable.contains(account)) {
            return false;
        }
        boolean ignored = can ? usable.add(account) : usable.remove(account);
        return true;
    }

    /** Most changes concern nobody who administers anything, and are not looked at further. */
    private boolean matters(Plan.Change change, GroupBook book) {
        return usable.contains(change.account().id())
                || change.account().role() == Role.ADMINISTRATOR
                || change.fields().contains(Plan.Field.ROLE)
                || change.fields().contains(Plan.Field.PASSWORD)
                || change.fields().contains(Plan.Field.DISABLED)
                || gives(change.groups(), book);
    }

    private boolean canAfter(Plan.Change change, GroupBook book) {
        Account account = change.account();
        Candidate candidate = change.candidate();
        boolean disabled = candidate.disabled().orElseGet(account::isDisabled);
        Role role = candidate.role().orElseGet(account::role);
        boolean password = usable.contains(account.id())
                || candidate.password().isPresent()
                || !parts.passwords().having(List.of(account.id())).isEmpty();
        return !disabled
                && password
                && (role == Role.ADMINISTRATOR || isByGroup(account) || gives(change.groups(), book));
    }

    private boolean isByGroup(Account account) {
        Set<GroupId> groups = parts.groups().groupIdsOf(account.id());
        return groups.stream()
                .anyMatch(group -> parts.groups().rolesGivenBy(group).contains(Role.ADMINISTRATOR));
    }

    private static boolean gives(List<List<Username>> groups, GroupBook book) {
        return groups.stream().anyMatch(path -> book.rolesOf(path).contains(Role.ADMINISTRATOR));
    }
}
