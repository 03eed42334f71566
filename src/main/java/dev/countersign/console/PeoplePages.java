package dev.countersign.console;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Permission;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeopleSort;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyGate;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.FactorFacts;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** The list of people with their two-factor status, and Reset. */
@Controller
final class PeoplePages {
    private static final int PAGE_SIZE = 50;
    private static final int MOST_AT_ONCE = 1_000;
    private static final int LONGEST_QUERY = 200;
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");

    private final Accounts accounts;
    private final People people;
    private final FactorFacts facts;
    private final Policies policies;
    private final PolicyGate gate;
    private final AccountActions actions;
    private final Clock clock;

    PeoplePages(
            Accounts accounts,
            People people,
            FactorFacts facts,
            Policies policies,
            PolicyGate gate,
            AccountActions actions,
            Clock clock) {
        this.accounts = accounts;
        this.people = people;
        this.facts = facts;
        this.policies = policies;
        this.gate = gate;
        this.actions = actions;
        this.clock = clock;
    }

    record Row(
            String id,
            String username,
            String displayName,
            String email,
            String roleKey,
            boolean disabled,
            boolean twoFactor,
            @Nullable Instant lastSignIn,
            String statusKey) {}

    @GetMapping("/console/people")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView list(
            @RequestParam(name = "q", defaultValue = "") String typed,
            @RequestParam(name = "page", defaultValue = "1") String typedPage,
            @RequestParam(name = "count", required = false) @Nullable String resetCount,
            HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        String query = typed.length() > LONGEST_QUERY ? typed.substring(0, LONGEST_QUERY) : typed;
        long total = people.count(environment.id(), PeopleFilter.ofText(query), clock.instant())
                .value();
        int pages = (int) Math.max(1, (total + PAGE_SIZE - 1) / PAGE_SIZE);
        int page = Math.clamp(number(typedPage), 1, pages);
        Map<String, Object> model = new HashMap<>();
        model.put("query", query);
        model.put("people", rows(environment.id(), query));
        model.put("total", total);
        model.put("page", page);
        model.put("pages", pages);
        model.put("mayReset", SignedIn.of(request).rights().may(Permission.RESET_FACTORS));
        if (page < pages) {
            model.put("next", address(query, page + 1));
        }
        if (page > 1) {
            model.put("previous", address(query, page - 1));
        }
        if (resetCount != null && number(resetCount) > 0) {
            model.put("notice", "notice.reset-done");
            model.put("noticeArguments", new Object[] {number(resetCount)});
        }
        return new ModelAndView("console/people", model);
    }

    private List<Row> rows(EnvironmentId environment, String query) {
        Instant now = clock.instant();
        return people
                .list(environment, PeopleFilter.ofText(query), PeopleSort.USERNAME, Optional.empty(), PAGE_SIZE, now)
                .people()
                .stream()
                .map(person -> row(accounts.get(person.id()), now))
                .toList();
    }

    private Row row(Account account, Instant now) {
        PolicyGate.Enrolments enrolments = facts.of(account.id());
        boolean hasApp = enrolments.enrolled().contains(FactorKind.TOTP);
        return new Row(
                account.id().value(),
                account.username(),
                account.displayName(),
                account.email(),
                "role." + account.role().wireName(),
                account.isDisabled(),
                hasApp,
                account.lastSignInAt().orElse(null),
                status(account, enrolments, hasApp, now));
    }

    private String status(Account account, PolicyGate.Enrolments enrolments, boolean hasApp, Instant now) {
        if (account.isDisabled()) {
            return "status.disabled";
        }
        if (policies.exemptUntil(account.id()).filter(now::isBefore).isPresent()) {
            return "status.exempt";
        }
        if (hasApp) {
            return "status.enrolled";
        }
        return gate.demandsSecondFactor(account, enrolments, now) ? "status.must-enrol" : "status.not-covered";
    }

    @PostMapping("/console/people/reset")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView askReset(
            @RequestParam(name = "id", required = false) @Nullable List<String> ids, HttpServletRequest request) {
        List<Account> chosen = chosen(ids, request);
        if (chosen.isEmpty()) {
            return Redirects.to("/console/people?problem=nothing-selected");
        }
        Instant now = clock.instant();
        return new ModelAndView(
                "console/people-reset",
                Map.of(
                        "people",
                        chosen.stream().map(account -> row(account, now)).toList()));
    }

    @PostMapping("/console/people/reset/confirm")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView reset(
            @RequestParam(name = "id", required = false) @Nullable List<String> ids, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        List<Account> chosen = chosen(ids, request);
        if (chosen.isEmpty()) {
            return Redirects.to("/console/people?problem=nothing-selected");
        }
        for (Account account : chosen) {
            actions.resetSecondFactor(
                    account, person.actor(), RequestFacts.of(request).origin("console"), clock.instant());
        }
        return Redirects.to("/console/people?count=" + chosen.size());
    }

    /** The accounts ticked; one with more rights than the person's own refuses the whole. */
    private List<Account> chosen(@Nullable List<String> ids, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        SignedIn person = SignedIn.of(request);
        List<Account> chosen = Optional.ofNullable(ids).orElse(List.of()).stream()
                .distinct()
                .limit(MOST_AT_ONCE)
                .filter(id -> ID.matcher(id).matches())
                .map(id -> accounts.find(new AccountId(id))
                        .filter(account -> account.environment().equals(environment))
                        .orElse(null))
                .filter(Objects::nonNull)
                .toList();
        boolean above = chosen.stream().anyMatch(account -> !person.rights().cover(accounts.rights(account)));
        if (above) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return chosen;
    }

    private static int number(String text) {
        return text.matches("\\d{1,7}") ? Integer.parseInt(text) : 1;
    }

    private static String address(String query, int page) {
        return "/console/people?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8) + "&page=" + page;
    }
}
