package dev.countersign.console;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The security settings as a form sends them, as typed; what is missing is null.
 *
 * @param people usernames, separated by spaces, commas or line ends
 * @param version of the settings the form was filled from
 */
record SecurityForm(
        @Nullable String mode,
        @Nullable String scope,
        @Nullable List<String> groups,
        @Nullable String people,
        @Nullable String style,
        @Nullable String version,
        @Nullable String reason) {

    /** A form that makes sense, or the message that says why it does not. */
    sealed interface Read {
        record Valid(Rules rules, SignInStyle style) implements Read {}

        record Problem(String key, Object... arguments) implements Read {}
    }

    /** The form as these settings would fill it. */
    static SecurityForm of(Rules rules, SignInStyle style, Policies policies) {
        List<String> groupIds = new ArrayList<>();
        String names = "";
        String kind = "EVERYONE";
        if (rules.scope() instanceof Rules.Scope.Selected(Set<GroupId> groups, Set<AccountId> people)) {
            kind = "SELECTED";
            groups.stream().map(GroupId::value).sorted().forEach(groupIds::add);
            names = String.join("\n", policies.usernames(people));
        }
        return new SecurityForm(
                rules.mode().name(), kind, groupIds, names, style.name(), Long.toString(rules.version()), "");
    }

    Read read(EnvironmentId environment, Accounts accounts, Groups known) {
        Optional<Rules.Mode> chosenMode = chosenMode();
        Optional<SignInStyle> chosenStyle = chosenStyle();
        if (chosenMode.isEmpty() || chosenStyle.isEmpty()) {
            return new Read.Problem("problem.required");
        }
        if (chosenMode.get() != Rules.Mode.REQUIRED || !isSelected()) {
            return new Read.Valid(
                    new Rules(chosenMode.get(), new Rules.Scope.Everyone(), versionNumber()), chosenStyle.get());
        }
        Set<GroupId> groupIds = new HashSet<>();
        known.all(environment).stream()
                .filter(group -> groupTexts().contains(group.id().value()))
                .forEach(group -> groupIds.add(group.id()));
        Set<AccountId> accountIds = new HashSet<>();
        for (String name : peopleText().split("[\\s,;]+", -1)) {
            Optional<Account> account = accounts.findByTypedName(environment, name);
            if (account.isEmpty() && !name.isEmpty()) {
                return new Read.Problem("problem.person-unknown", name);
            }
            account.ifPresent(found -> accountIds.add(found.id()));
        }
        if (groupIds.isEmpty() && accountIds.isEmpty()) {
            return new Read.Problem("problem.groups-empty");
        }
        Rules.Scope selected = new Rules.Scope.Selected(groupIds, accountIds);
        return new Read.Valid(new Rules(chosenMode.get(), selected, versionNumber()), chosenStyle.get());
    }

    /** The page at {@code path}, filled with what this form holds. */
    String address(String path) {
        PageAddress filled = new PageAddress(path)
                .with("mode", chosenMode().map(Enum::name).orElse(""))
                .with("scope", isSelected() ? "SELECTED" : "EVERYONE")
                .with("style", chosenStyle().map(Enum::name).orElse(""));
        groupTexts().stream().filter(Identifiers::isOne).forEach(id -> filled.with("groups", id));
        if (!peopleText().isBlank()) {
            filled.with("people", peopleText());
        }
        return filled.toString();
    }

    /** The same form with these people named as well. */
    SecurityForm with(List<String> usernames) {
        Set<String> names = new LinkedHashSet<>();
        Stream.of(peopleText().split("[\\s,;]+", -1))
                .filter(name -> !name.isEmpty())
                .forEach(names::add);
        names.addAll(usernames);
        return new SecurityForm(mode, "SELECTED", groups, String.join("\n", names), style, version, reason);
    }

    boolean isSelected() {
        return "SELECTED".equals(scope);
    }

    List<String> groupTexts() {
        return groups == null ? List.of() : groups;
    }

    String peopleText() {
        return people == null ? "" : people;
    }

    String reasonText() {
        return reason == null ? "" : reason.strip();
    }

    Optional<Rules.Mode> chosenMode() {
        return List.of(Rules.Mode.values()).stream()
                .filter(known -> known.name().equals(mode))
                .findFirst();
    }

    Optional<SignInStyle> chosenStyle() {
        return List.of(SignInStyle.values()).stream()
                .filter(known -> known.name().equals(style))
                .findFirst();
    }

    private long versionNumber() {
        return version != null && version.matches("\\d{1,18}") ? Long.parseLong(version) : -1;
    }
}
