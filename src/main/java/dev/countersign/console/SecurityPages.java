package dev.countersign.console;

import dev.countersign.administration.Outcome;
import dev.countersign.administration.SecurityAdministration;
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
import dev.countersign.kernel.Role;
import dev.countersign.phrases.RuleWords;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyVersion;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** The security page of the console: who must use two-factor authentication, how people sign in, and what it was before. */
@Controller
final class SecurityPages {
    private static final int VERSIONS_SHOWN = 100;
    private static final String EDIT = "/console/security/edit";

    private final Policies policies;
    private final SecurityAdministration administration;
    private final Environments environments;
    private final Accounts accounts;
    private final Groups groups;
    private final Coverage coverage;
    private final ApprovalRules approvals;
    private final ApprovalShown approvalShown;
    private final FreshFactor fresh;
    private final FoundPeople found;
    private final RuleWords words;
    private final Clock clock;

    SecurityPages(
            Policies policies,
            SecurityAdministration administration,
            Environments environments,
            Accounts accounts,
            Groups groups,
            Coverage coverage,
            ApprovalRules approvals,
            ApprovalShown approvalShown,
            FreshFactor fresh,
            FoundPeople found,
            RuleWords words,
            Clock clock) {
        this.policies = policies;
        this.administration = administration;
        this.environments = environments;
        this.accounts = accounts;
        this.groups = groups;
        this.coverage = coverage;
        this.approvals = approvals;
        this.approvalShown = approvalShown;
        this.fresh = fresh;
        this.found = found;
        this.words = words;
        this.clock = clock;
    }

    record GroupChoice(String id, String name, long members, boolean selected) {}

    record PersonChoice(String id, String username, String displayName) {}

    record ExemptionRow(String username, String reason, Instant until) {}

    /**
     * @param current whether these settings hold now
     * @param changes what this version made different from the one before, one sentence each
     */
    record VersionRow(
            long number,
            Instant at,
            String by,
            String reason,
            String rules,
            String style,
            boolean current,
            List<Difference> changes) {}

    /** A setting that changed; {@code key} names it. */
    record Difference(String key, String before, String after) {}

    @GetMapping("/console/security")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_SETTINGS)
    ModelAndView show(HttpServletRequest request, Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Rules rules = policies.rules(environment.id(), now);
        ModelAndView page = new ModelAndView("console/security", model(environment, rules, environment.style()));
        page.addObject("summary", coverage.sentence(environment.id(), rules, now, locale));
        page.addObject("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        page.addObject("approval", approvalShown.of(environment.id(), approvals.of(environment.id())));
        page.addObject("exemptions", exemptions(environment.id()));
        page.addObject("start", policies.automaticStart(environment.id()).orElse(null));
        page.addObject("sessions", SessionLimitsPages.shown(environments, environment.id()));
        page.addObject(
                "editors",
                List.of(Role.values()).stream()
                        .filter(role -> role.permissions().contains(Permission.EDIT_SYSTEM_SETTINGS))
                        .map(Role::wireName)
                        .toList());
        return page;
    }

    @GetMapping(EDIT)
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView edit(@ModelAttribute SecurityForm form, HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        if (form.mode() != null) {
            return editPage(environment, form);
        }
        Rules rules = policies.rules(environment.id(), clock.instant());
        return editPage(environment, SecurityForm.of(rules, environment.style(), policies));
    }

    /** Asks for the second factor once more, and comes back to the form as it was filled. */
    private static ModelAndView stepUp(SecurityForm form) {
        return FreshFactor.ask(form.address(EDIT));
    }

    /** Finds people to name in the rule, search after search; nothing typed in the form is lost. */
    @PostMapping("/console/security/find")
    @Access(
            value = Access.Level.CONSOLE,
            needs = {Permission.EDIT_SYSTEM_SETTINGS, Permission.VIEW_PEOPLE})
    ModelAndView find(
            @ModelAttribute SecurityForm form,
            @RequestParam(name = "q", defaultValue = "") String query,
            @RequestParam(name = "id", required = false) @Nullable List<String> ids,
            @RequestParam(name = "do", defaultValue = "") String what,
            HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        List<AccountId> chosen = PeoplePages.ids(ids);
        if (what.equals("add")) {
            return editPage(environment, form.with(names(environment, chosen)));
        }
        Map<String, Object> model = new HashMap<>();
        model.put("form", form);
        found.add(environment.id(), query, chosen, model);
        return new ModelAndView("console/security-find", model);
    }

    private List<String> names(Environment environment, List<AccountId> people) {
        return people.stream()
                .flatMap(id -> accounts.find(id).stream())
                .filter(account -> account.environment().equals(environment.id()))
                .map(Account::username)
                .toList();
    }

    @PostMapping("/console/security")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView review(@ModelAttribute SecurityForm form, HttpServletRequest request, Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        if (!fresh.isShown(request)) {
            return stepUp(form);
        }
        return switch (form.read(environment.id(), accounts, groups)) {
            case SecurityForm.Read.Problem problem -> wrong(environment, form, problem);
            case SecurityForm.Read.Valid(Rules rules, SignInStyle style) ->
                confirmPage(environment, form, rules, style, locale);
        };
    }

    @PostMapping("/console/security/confirm")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView confirm(@ModelAttribute SecurityForm form, HttpServletRequest request) {
        RequestFacts facts = RequestFacts.of(request);
        if (!fresh.isShown(request)) {
            return stepUp(form);
        }
        return switch (form.read(facts.environment().id(), accounts, groups)) {
            case SecurityForm.Read.Problem problem -> wrong(facts.environment(), form, problem);
            case SecurityForm.Read.Valid(Rules rules, SignInStyle style) -> {
                Outcome<Outcome.Nothing> outcome = administration.change(
                        Acting.of(SignedIn.of(request), facts), rules, style, form.reasonText(), clock.instant());
                yield Redirects.to(outcome.fold(
                        _ -> "/console/security?notice=saved",
                        why -> "/console/security?problem=admin-" + why.wireName()));
            }
        };
    }

    /** What the settings were, with what each change made different. */
    @GetMapping("/console/security/history")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_SETTINGS)
    ModelAndView history(HttpServletRequest request, Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        List<PolicyVersion> versions = policies.versions(environment.id(), VERSIONS_SHOWN + 1);
        List<VersionRow> rows = new ArrayList<>();
        for (int i = 0; i < Math.min(versions.size(), VERSIONS_SHOWN); i++) {
            PolicyVersion before = i + 1 < versions.size() ? versions.get(i + 1) : versions.get(i);
            rows.add(row(environment, versions.get(i), before, i == 0, locale));
        }
        ModelAndView page = new ModelAndView("console/security-history", Map.of("versions", rows));
        page.addObject("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        return page;
    }

    private VersionRow row(
            Environment environment, PolicyVersion version, PolicyVersion before, boolean current, Locale locale) {
        String rules = words.of(policies.describe(environment.id(), version.rules()), locale);
        List<Difference> changes = new ArrayList<>();
        String rulesBefore = words.of(policies.describe(environment.id(), before.rules()), locale);
        if (!rules.equals(rulesBefore)) {
            changes.add(new Difference("security.covered", rulesBefore, rules));
        }
        if (version.style() != before.style()) {
            changes.add(new Difference("security.style", styleKey(before.style()), styleKey(version.style())));
        }
        return new VersionRow(
                version.rules().version(),
                version.changedAt(),
                version.changedBy(),
                version.reason(),
                rules,
                styleKey(version.style()),
                current,
                changes);
    }

    private static String styleKey(SignInStyle style) {
        return switch (style) {
            case ONE_PAGE -> "style.one-page";
            case IDENTIFIER_FIRST -> "style.identifier-first";
            case TWO_SCREENS -> "style.two-screens";
        };
    }

    /** Asks whether to go back to an earlier version: the same confirmation as for any other change. */
    @PostMapping("/console/security/history/{number}")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView goBack(@PathVariable("number") String number, HttpServletRequest request, Locale locale) {
        RequestFacts facts = RequestFacts.of(request);
        if (!number.matches("\\d{1,18}")) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return administration
                .earlier(Acting.of(SignedIn.of(request), facts), Long.parseLong(number))
                .fold(
                        version -> confirmPage(
                                facts.environment(),
                                SecurityForm.of(version.rules(), version.style(), policies),
                                version.rules(),
                                version.style(),
                                locale),
                        why -> Redirects.to("/console/security/history?problem=admin-" + why.wireName()));
    }

    private ModelAndView confirmPage(
            Environment environment, SecurityForm form, Rules rules, SignInStyle style, Locale locale) {
        Instant now = clock.instant();
        Rules before = policies.rules(environment.id(), now);
        ModelAndView page = new ModelAndView("console/security-confirm", model(environment, rules, style));
        page.addObject("form", form);
        page.addObject("styleBefore", environment.style());
        Coverage.Affected affectedBefore = coverage.of(environment.id(), before, now, locale);
        Coverage.Affected affected = coverage.of(environment.id(), rules, now, locale);
        page.addObject("affected", affected);
        page.addObject("noLonger", Coverage.noLongerAsked(affectedBefore, affected));
        page.addObject("before", affectedBefore.sentence());
        page.addObject("after", affected.sentence());
        return page;
    }

    private ModelAndView wrong(Environment environment, SecurityForm form, SecurityForm.Read.Problem problem) {
        ModelAndView page = editPage(environment, form);
        page.addObject("problem", problem.key());
        page.addObject("problemArguments", problem.arguments());
        page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    /** The form with what was typed; what cannot be shown falls back to what holds now. */
    private ModelAndView editPage(Environment environment, SecurityForm form) {
        Rules current = policies.rules(environment.id());
        ModelAndView page = new ModelAndView(
                "console/security-edit",
                model(environment, current, form.chosenStyle().orElse(environment.style())));
        page.addObject("mode", form.chosenMode().orElse(current.mode()));
        page.addObject("scope", form.isSelected() ? Kind.SELECTED : Kind.EVERYONE);
        page.addObject("groups", groupChoices(environment.id(), new HashSet<>(form.groupTexts())));
        page.addObject("peopleText", form.peopleText());
        page.addObject("reason", form.reasonText());
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
                        accounts.find(exemption.account())
                                .map(Account::username)
                                .orElse(""),
                        exemption.reason(),
                        exemption.until()))
                .toList();
    }
}
