package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.PeopleAdministration;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Changes to one person that are made on a page of their own. Whatever could take something away needs a fresh proof. */
@Controller
final class PersonChangePages {

    private final Accounts accounts;
    private final PeopleAdministration administration;
    private final Passwords passwords;
    private final FreshFactor fresh;
    private final Clock clock;

    PersonChangePages(
            Accounts accounts,
            PeopleAdministration administration,
            Passwords passwords,
            FreshFactor fresh,
            Clock clock) {
        this.accounts = accounts;
        this.administration = administration;
        this.passwords = passwords;
        this.fresh = fresh;
        this.clock = clock;
    }

    /** What the form of a person says, as typed. */
    record Form(String username, String displayName, String email, String role) {}

    record RoleChoice(String value, String key, boolean selected) {}

    // New person

    @GetMapping("/console/people/new")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView newPerson(
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "displayName", defaultValue = "") String displayName,
            @RequestParam(name = "email", defaultValue = "") String email,
            @RequestParam(name = "role", defaultValue = "user") String role,
            HttpServletRequest request) {
        return form("new", "", new Form(username, displayName, email, role), Optional.empty(), request);
    }

    @PostMapping("/console/people/new")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView create(
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "displayName", defaultValue = "") String displayName,
            @RequestParam(name = "email", defaultValue = "") String email,
            @RequestParam(name = "role", defaultValue = "") String role,
            HttpServletRequest request) {
        Form form = new Form(username, displayName, email, role);
        Optional<Role> wanted = Role.ofWireName(role);
        if (wanted.isEmpty()) {
            return form("new", "", form, Optional.of("problem.required"), request);
        }
        if (wanted.get() != Role.USER && !fresh.isShown(request)) {
            return stepUp("/console/people/new", form, request);
        }
        NewAccount typed = new NewAccount(username, displayName, email, wanted.get());
        return administration
                .create(by(request), typed, clock.instant())
                .fold(
                        creation -> created(creation, "new", "", form, request),
                        why -> form("new", "", form, Optional.of(why.messageKey()), request));
    }

    /** Whoever gives rights, or changes where links are sent, shows the second factor; the form comes back as it was typed. */
    private static ModelAndView stepUp(String path, Form form, HttpServletRequest request) {
        String filled = new PageAddress(path)
                .with("username", form.username())
                .with("displayName", form.displayName())
                .with("email", form.email())
                .with("role", form.role())
                .toString();
        return FreshFactor.ask(back(request).carriedBy(filled));
    }

    private ModelAndView created(
            Accounts.Creation creation, String what, String id, Form form, HttpServletRequest request) {
        return switch (creation) {
            case Accounts.Creation.Created(Account account) ->
                Redirects.to(back(request).carriedBy(page(account) + "?notice=saved"));
            case Accounts.Creation.Refused(Accounts.Problem problem) ->
                form(
                        what,
                        id,
                        form,
                        Optional.of("problem."
                                + problem.name().toLowerCase(Locale.ROOT).replace('_', '-')),
                        request);
        };
    }

    private ModelAndView form(String what, String id, Form form, Optional<String> problem, HttpServletRequest request) {
        Map<String, Object> model = new HashMap<>();
        model.put("what", what);
        model.put("id", id);
        model.put("form", form);
        addWayBack(id, request, model);
        model.put("roles", roles(form.role(), SignedIn.of(request).rights()));
        problem.ifPresent(key -> model.put("problem", key));
        return new ModelAndView("console/person-edit", model);
    }

    /** The roles this person may give. */
    private static List<RoleChoice> roles(String chosen, Rights rights) {
        return Stream.of(Role.values())
                .filter(rights::cover)
                .map(role -> new RoleChoice(
                        role.wireName(),
                        "role." + role.wireName(),
                        role.wireName().equals(chosen)))
                .toList();
    }

    // Profile

    @GetMapping("/console/people/{id}/edit")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView edit(
            @PathVariable("id") String id,
            @RequestParam(name = "username", required = false) @Nullable String username,
            @RequestParam(name = "displayName", required = false) @Nullable String displayName,
            @RequestParam(name = "email", required = false) @Nullable String email,
            HttpServletRequest request) {
        Account account = other(id, request);
        Form form = new Form(
                Optional.ofNullable(username).orElse(account.username()),
                Optional.ofNullable(displayName).orElse(account.displayName()),
                Optional.ofNullable(email).orElse(account.email()),
                "");
        return form("edit", id, form, Optional.empty(), request);
    }

    @PostMapping("/console/people/{id}/edit")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView change(
            @PathVariable("id") String id,
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "displayName", defaultValue = "") String displayName,
            @RequestParam(name = "email", defaultValue = "") String email,
            HttpServletRequest request) {
        Account account = other(id, request);
        Form form = new Form(username, displayName, email, "");
        if (!email.strip().equalsIgnoreCase(account.email()) && !fresh.isShown(request)) {
            return stepUp(page(account) + "/edit", form, request);
        }
        return administration
                .change(by(request), account.id(), username, displayName, email, clock.instant())
                .fold(
                        creation -> created(creation, "edit", id, form, request),
                        why -> form("edit", id, form, Optional.of(why.messageKey()), request));
    }

    // Role

    @GetMapping("/console/people/{id}/role")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView role(@PathVariable("id") String id, HttpServletRequest request) {
        return ask("role", other(id, request), Optional.empty(), request);
    }

    @PostMapping("/console/people/{id}/role")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView changeRole(
            @PathVariable("id") String id,
            @RequestParam(name = "role", defaultValue = "") String typed,
            HttpServletRequest request) {
        Account account = other(id, request);
        if (!fresh.isShown(request)) {
            return stepUp("role", account, request);
        }
        return Role.ofWireName(typed)
                .map(role -> after(
                        administration.changeRole(by(request), account.id(), role, clock.instant()),
                        "role",
                        account,
                        request))
                .orElseGet(() -> ask("role", account, Optional.of("problem.required"), request));
    }

    // Password

    @GetMapping("/console/people/{id}/password")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView password(@PathVariable("id") String id, HttpServletRequest request) {
        return ask("password", notOneself(other(id, request), request), Optional.empty(), request);
    }

    @PostMapping("/console/people/{id}/password")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView setPassword(
            @PathVariable("id") String id,
            @RequestParam(name = "password", defaultValue = "") String password,
            HttpServletRequest request) {
        Account account = notOneself(other(id, request), request);
        if (!fresh.isShown(request)) {
            return stepUp("password", account, request);
        }
        SecretText typed = SecretText.of(password);
        Optional<PasswordRules.Problem> weak = PasswordRules.check(typed, account.username(), account.email());
        if (weak.isPresent()) {
            String key = "problem.password-"
                    + weak.get().name().toLowerCase(Locale.ROOT).replace('_', '-');
            return ask("password", account, Optional.of(key), request);
        }
        return passwords
                .prepare(typed)
                .map(prepared -> after(
                        administration.setPassword(by(request), account.id(), prepared, false, clock.instant()),
                        "password",
                        account,
                        request))
                .orElseGet(() -> ask("password", account, Optional.of(Refusal.BUSY.messageKey()), request));
    }

    // Replace phone

    @GetMapping("/console/people/{id}/replace-phone")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView replacePhone(@PathVariable("id") String id, HttpServletRequest request) {
        return ask("replace-phone", notOneself(other(id, request), request), Optional.empty(), request);
    }

    /** The code is on this page only: no other holds it, and going back here shows the question again. */
    @PostMapping("/console/people/{id}/replace-phone")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView issueCode(@PathVariable("id") String id, HttpServletRequest request) {
        Account account = notOneself(other(id, request), request);
        if (!fresh.isShown(request)) {
            return stepUp("replace-phone", account, request);
        }
        Outcome<ReplacementCodes.Issued> outcome =
                administration.replacePhone(by(request), account.id(), clock.instant());
        return outcome.fold(
                issued -> new ModelAndView(
                        "console/person-code",
                        Map.of(
                                "person",
                                back(request).carriedBy(page(account)),
                                "displayName",
                                account.displayName(),
                                "groups",
                                ReplacementCodes.groups(issued.code()),
                                "expiresAt",
                                issued.expiresAt())),
                why -> ask("replace-phone", account, Optional.of(why.messageKey()), request));
    }

    // Delete

    @GetMapping("/console/people/{id}/delete")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView askDelete(@PathVariable("id") String id, HttpServletRequest request) {
        return ask("delete", notOneself(other(id, request), request), Optional.empty(), request);
    }

    @PostMapping("/console/people/{id}/delete")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView delete(@PathVariable("id") String id, HttpServletRequest request) {
        Account account = notOneself(other(id, request), request);
        if (!fresh.isShown(request)) {
            return stepUp("delete", account, request);
        }
        return administration
                .delete(by(request), account.id(), clock.instant())
                .fold(
                        _ -> Redirects.to(with(back(request).list(), "notice=saved")),
                        why -> ask("delete", account, Optional.of(why.messageKey()), request));
    }

    // What they share

    private ModelAndView after(
            Outcome<Outcome.Nothing> outcome, String what, Account account, HttpServletRequest request) {
        return outcome.fold(
                _ -> Redirects.to(back(request).carriedBy(page(account) + "?notice=saved")),
                why -> ask(what, account, Optional.of(why.messageKey()), request));
    }

    /** The page that says what will happen; whoever opens it has shown a second factor a short while ago. */
    private ModelAndView ask(String what, Account account, Optional<String> problem, HttpServletRequest request) {
        if (!fresh.isShown(request)) {
            return stepUp(what, account, request);
        }
        Map<String, Object> model = new HashMap<>();
        model.put("what", what);
        model.put("id", account.id().value());
        addWayBack(account.id().value(), request, model);
        model.put("displayName", account.displayName());
        model.put("username", account.username());
        model.put("roles", roles(account.role().wireName(), SignedIn.of(request).rights()));
        problem.ifPresent(key -> model.put("problem", key));
        return new ModelAndView("console/person-confirm", model);
    }

    private static ModelAndView stepUp(String what, Account account, HttpServletRequest request) {
        return FreshFactor.ask(back(request).carriedBy(page(account) + "/" + what));
    }

    /** The list the person was found in, with its filters. */
    private static PeopleSearch back(HttpServletRequest request) {
        return PeopleSearch.cameFrom(request::getParameter);
    }

    private static String page(Account account) {
        return "/console/people/" + account.id().value();
    }

    private static String with(String address, String field) {
        return address + (address.contains("?") ? "&" : "?") + field;
    }

    private static void addWayBack(String id, HttpServletRequest request, Map<String, Object> model) {
        PeopleSearch back = back(request);
        model.put("from", back.query());
        model.put("list", back.list());
        model.put("person", back.carriedBy("/console/people/" + id));
    }

    /** The person of an address, whom whoever asks may act on. */
    private Account other(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Administrator by = by(request);
        Account account = Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(typed -> accounts.find(new AccountId(typed)))
                .filter(found -> found.environment().equals(environment))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        if (!by.rights().cover(accounts.rights(account))) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return account;
    }

    private static Account notOneself(Account account, HttpServletRequest request) {
        if (SignedIn.of(request).account().id().equals(account.id())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return account;
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
