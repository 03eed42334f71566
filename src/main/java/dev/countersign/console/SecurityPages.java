package dev.countersign.console;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Groups;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The security page of the console: who must use two-factor authentication, and how people sign in. */
@Controller
final class SecurityPages {
    private final Policies policies;
    private final Environments environments;
    private final Accounts accounts;
    private final Groups groups;
    private final Coverage coverage;
    private final Database database;
    private final Clock clock;

    SecurityPages(
            Policies policies,
            Environments environments,
            Accounts accounts,
            Groups groups,
            Coverage coverage,
            Database database,
            Clock clock) {
        this.policies = policies;
        this.environments = environments;
        this.accounts = accounts;
        this.groups = groups;
        this.coverage = coverage;
        this.database = database;
        this.clock = clock;
    }

    record GroupChoice(String id, String name, long members, boolean selected) {}

    record PersonChoice(String id, String username, String displayName) {}

    record ExemptionRow(String username, String reason, Instant until) {}

    /** What the form sends, as typed. */
    record Form(String mode, String scope, List<String> groups, String people, String style, long version) {}

    /** A form that makes sense, or the message that says why it does not. */
    private sealed interface Read {
        record Valid(Rules rules, SignInStyle style) implements Read {}

        record Problem(String key, Object... arguments) implements Read {}
    }

    @GetMapping("/console")
    @Access(value = Access.Level.CONSOLE)
    ModelAndView home(HttpServletRequest request) {
        boolean settings = SignedIn.of(request).rights().may(Permission.VIEW_SETTINGS);
        return Redirects.to(settings ? "/console/security" : "/console/people");
    }

    @GetMapping("/console/security")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_SETTINGS)
    ModelAndView show(HttpServletRequest request, Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        Rules rules = policies.rules(environment.id());
        ModelAndView page = new ModelAndView("console/security", model(environment, rules, environment.style()));
        page.addObject("summary", coverage.sentence(environment.id(), rules, clock.instant(), locale));
        page.addObject("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        page.addObject("exemptions", exemptions(environment.id()));
        return page;
    }

    @GetMapping("/console/security/edit")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView edit(HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        Rules rules = policies.rules(environment.id());
        return editPage(environment, rules, environment.style(), usernames(rules));
    }

    @PostMapping("/console/security")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView review(
            @RequestParam(name = "mode", defaultValue = "") String mode,
            @RequestParam(name = "scope", defaultValue = "") String scope,
            @RequestParam(name = "groups", required = false) List<String> groupIds,
            @RequestParam(name = "people", defaultValue = "") String people,
            @RequestParam(name = "style", defaultValue = "") String style,
            @RequestParam(name = "version", defaultValue = "-1") long version,
            HttpServletRequest request,
            Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        Form form = form(mode, scope, groupIds, people, style, version);
        return switch (read(environment.id(), form)) {
            case Read.Problem problem -> wrong(environment, form, problem);
            case Read.Valid(Rules rules, SignInStyle chosen) -> confirmPage(environment, form, rules, chosen, locale);
        };
    }

    @PostMapping("/console/security/confirm")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView confirm(
            @RequestParam(name = "mode", defaultValue = "") String mode,
            @RequestParam(name = "scope", defaultValue = "") String scope,
            @RequestParam(name = "groups", required = false) List<String> groupIds,
            @RequestParam(name = "people", defaultValue = "") String people,
            @RequestParam(name = "style", defaultValue = "") String style,
            @RequestParam(name = "version", defaultValue = "-1") long version,
            HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        Form form = form(mode, scope, groupIds, people, style, version);
        return switch (read(environment.id(), form)) {
            case Read.Problem problem -> wrong(environment, form, problem);
            case Read.Valid(Rules rules, SignInStyle chosen) -> save(environment, rules, chosen, request);
        };
    }

    private ModelAndView save(Environment environment, Rules rules, SignInStyle style, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Instant now = clock.instant();
        var origin = RequestFacts.of(request).origin("console");
        boolean saved = database.write(() -> {
            boolean changed = policies.change(environment.id(), rules, person.actor(), origin, now);
            if (changed) {
                environments.changeStyle(environment, style, person.actor(), origin, now);
            }
            return changed;
        });
        return Redirects.to(saved ? "/console/security?notice=saved" : "/console/security?problem=version-changed");
    }

    private ModelAndView confirmPage(
            Environment environment, Form form, Rules rules, SignInStyle style, Locale locale) {
        Instant now = clock.instant();
        Rules before = policies.rules(environment.id());
        ModelAndView page = new ModelAndView("console/security-confirm", model(environment, rules, style));
        page.addObject("form", form);
        page.addObject("styleBefore", environment.style());
        page.addObject("affected", coverage.of(environment.id(), rules, now, locale));
        page.addObject("before", coverage.sentence(environment.id(), before, now, locale));
        page.addObject("after", coverage.sentence(environment.id(), rules, now, locale));
        return page;
    }

    private ModelAndView wrong(Environment environment, Form form, Read.Problem problem) {
        Rules current = policies.rules(environment.id());
        SignInStyle style = styleOf(form).orElse(environment.style());
        ModelAndView page = editPage(environment, current, style, form.people());
        page.addObject("mode", modeOf(form).orElse(current.mode()));
        page.addObject("scope", form.scope().equals("SELECTED") ? Kind.SELECTED : Kind.EVERYONE);
        page.addObject("groups", groupChoices(environment.id(), new HashSet<>(form.groups())));
        page.addObject("problem", problem.key());
        page.addObject("problemArguments", problem.arguments());
        page.setStatus(org.springframework.http.HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    private ModelAndView editPage(Environment environment, Rules rules, SignInStyle style, String people) {
        ModelAndView page = new ModelAndView("console/security-edit", model(environment, rules, style));
        page.addObject("peopleText", people);
        return page;
    }

    /** The two kinds of scope, for the page. */
    enum Kind {
        EVERYONE,
        SELECTED
    }

    private Map<String, Object> model(Environment environment, Rules rules, SignInStyle style) {
        Set<String> selected = new HashSet<>();
        List<PersonChoice> people = new ArrayList<>();
        Kind scope = Kind.EVERYONE;
        if (rules.scope() instanceof Rules.Scope.Selected(Set<GroupId> groupIds, Set<AccountId> accountIds)) {
            scope = Kind.SELECTED;
            groupIds.forEach(id -> selected.add(id.value()));
            accountIds.forEach(id -> accounts.find(id)
                    .ifPresent(account ->
                            people.add(new PersonChoice(id.value(), account.username(), account.displayName()))));
        }
        Map<String, Object> model = new HashMap<>();
        model.put("mode", rules.mode());
        model.put("scope", scope);
        model.put("groups", groupChoices(environment.id(), selected));
        model.put("people", people);
        model.put("style", style);
        model.put("styles", List.of(SignInStyle.values()));
        model.put("version", rules.version());
        return model;
    }

    private List<GroupChoice> groupChoices(EnvironmentId environment, Set<String> selected) {
        return groups.all(environment).stream()
                .map(group -> new GroupChoice(
                        group.id().value(),
                        group.name(),
                        group.members(),
                        selected.contains(group.id().value())))
                .toList();
    }

    private List<ExemptionRow> exemptions(EnvironmentId environment) {
        return policies.exemptions(environment, clock.instant()).stream()
                .map(exemption -> new ExemptionRow(
                        accounts.get(exemption.account()).username(), exemption.reason(), exemption.until()))
                .toList();
    }

    private String usernames(Rules rules) {
        return rules.scope() instanceof Rules.Scope.Selected(Set<GroupId> _, Set<AccountId> people)
                ? String.join("\n", policies.usernames(people))
                : "";
    }

    private static Form form(
            String mode, String scope, List<String> groupIds, String people, String style, long version) {
        return new Form(mode, scope, Optional.ofNullable(groupIds).orElse(List.of()), people, style, version);
    }

    private Read read(EnvironmentId environment, Form form) {
        Optional<Rules.Mode> mode = modeOf(form);
        Optional<SignInStyle> style = styleOf(form);
        if (mode.isEmpty() || style.isEmpty()) {
            return new Read.Problem("problem.required");
        }
        if (mode.get() != Rules.Mode.REQUIRED || !form.scope().equals("SELECTED")) {
            return new Read.Valid(new Rules(mode.get(), new Rules.Scope.Everyone(), form.version()), style.get());
        }
        Set<GroupId> selectedGroups = new HashSet<>();
        groups.all(environment).stream()
                .filter(group -> form.groups().contains(group.id().value()))
                .forEach(group -> selectedGroups.add(group.id()));
        Set<AccountId> selectedPeople = new HashSet<>();
        for (String name : form.people().split("[\\s,;]+", -1)) {
            Optional<Account> account = accounts.findByTypedName(environment, name);
            if (account.isEmpty() && !name.isEmpty()) {
                return new Read.Problem("problem.person-unknown", name);
            }
            account.ifPresent(found -> selectedPeople.add(found.id()));
        }
        if (selectedGroups.isEmpty() && selectedPeople.isEmpty()) {
            return new Read.Problem("problem.groups-empty");
        }
        Rules.Scope scope = new Rules.Scope.Selected(selectedGroups, selectedPeople);
        return new Read.Valid(new Rules(mode.get(), scope, form.version()), style.get());
    }

    private static Optional<Rules.Mode> modeOf(Form form) {
        return List.of(Rules.Mode.values()).stream()
                .filter(mode -> mode.name().equals(form.mode()))
                .findFirst();
    }

    private static Optional<SignInStyle> styleOf(Form form) {
        return List.of(SignInStyle.values()).stream()
                .filter(style -> style.name().equals(form.style()))
                .findFirst();
    }
}
