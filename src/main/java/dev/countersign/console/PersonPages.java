package dev.countersign.console;

import dev.countersign.activity.ActivityLog;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.BulkAction;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.PeopleAdministration;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.factor.Enrolment;
import dev.countersign.factor.Factors;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.SessionId;
import dev.countersign.people.People;
import dev.countersign.people.Person;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyGate;
import dev.countersign.policy.Why;
import dev.countersign.session.Sessions;
import dev.countersign.signin.FactorFacts;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.Sentences;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Everything known of one person, and what may be done to them. */
@Controller
final class PersonPages {
    private static final int ENTRIES_SHOWN = 15;
    private static final int MOST_ENTRIES = 200;

    private final Accounts accounts;
    private final People people;
    private final Groups groups;
    private final Factors factors;
    private final Apps apps;
    private final Phones phones;
    private final FactorFacts facts;
    private final Policies policies;
    private final PolicyGate gate;
    private final Sessions sessions;
    private final PeopleAdministration administration;
    private final ActivityLog activity;
    private final Sentences sentences;
    private final MessageSource messages;
    private final Clock clock;

    PersonPages(
            Accounts accounts,
            People people,
            Groups groups,
            Factors factors,
            Apps apps,
            Phones phones,
            FactorFacts facts,
            Policies policies,
            PolicyGate gate,
            Sessions sessions,
            PeopleAdministration administration,
            ActivityLog activity,
            Sentences sentences,
            MessageSource messages,
            Clock clock) {
        this.accounts = accounts;
        this.people = people;
        this.groups = groups;
        this.factors = factors;
        this.apps = apps;
        this.phones = phones;
        this.facts = facts;
        this.policies = policies;
        this.gate = gate;
        this.sessions = sessions;
        this.administration = administration;
        this.activity = activity;
        this.sentences = sentences;
        this.messages = messages;
        this.clock = clock;
    }

    /** Something the person signs in with. */
    record FactorRow(
            String nameKey,
            String icon,
            @Nullable Instant since,
            @Nullable Instant lastUsed) {}

    record PhoneRow(String id, String name, Instant added, Instant lastSeen) {}

    record GroupRow(
            String id,
            String name,
            boolean direct,
            @Nullable String roleKey) {}

    record SessionRow(String id, String browser, String address, Instant since, Instant lastSeen) {}

    record Entry(Instant at, String sentence, String address) {}

    /** What would be asked at one entrance, and the rule that says so. */
    record Asked(String placeKey, String answerKey, String why) {}

    @GetMapping("/console/people/{id}")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView show(
            @PathVariable("id") String id,
            @RequestParam(name = "done", defaultValue = "") String done,
            @RequestParam(name = "refused", defaultValue = "") String refused,
            @RequestParam(name = "entries", defaultValue = "") String entries,
            HttpServletRequest request,
            Locale locale) {
        Account account = find(id, request);
        Instant now = clock.instant();
        Map<String, Object> model = new HashMap<>();
        Person person = people.find(account.environment(), account.id(), now)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        model.put("person", PersonRow.of(person));
        PeopleSearch back = PeopleSearch.cameFrom(request::getParameter);
        model.put("from", back.query());
        model.put("list", back.list());
        model.put("created", account.createdAt());
        model.put("sourceKey", "people.source-" + PeopleSearch.wireName(account.source()));
        model.put("factors", factorRows(account));
        model.put("phones", phoneRows(account));
        model.put("groups", groupRows(account));
        model.put("roles", effectiveRoles(account));
        model.put("asked", asked(account, now, locale));
        policies.exemption(account.id())
                .filter(one -> one.until().isAfter(now))
                .ifPresent(one -> model.put("exemption", one));
        model.put("may", may(account, person, SignedIn.of(request)));
        addSessions(account, SignedIn.of(request).rights(), now, model);
        addActivity(account, SignedIn.of(request).rights(), entries.equals("all"), locale, model);
        BulkAction.Kind.ofWireName(done).ifPresent(kind -> {
            model.put("notice", "notice.bulk-done");
            model.put("noticeArguments", new Object[] {messages.getMessage("bulk." + kind.wireName(), null, locale)});
        });
        refusal(refused).ifPresent(why -> model.put("problem", why.messageKey()));
        return new ModelAndView("console/person", model);
    }

    /** The person of an address; one of another environment is not there. */
    private Account find(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(typed -> accounts.find(new AccountId(typed)))
                .filter(account -> account.environment().equals(environment))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private static Optional<Refusal> refusal(String wireName) {
        return Stream.of(Refusal.values())
                .filter(why -> why.wireName().equals(wireName))
                .findFirst();
    }

    private List<FactorRow> factorRows(Account account) {
        List<FactorRow> rows = new ArrayList<>();
        rows.add(row(
                "person.factor-password", "key", factors.of(FactorKind.PASSWORD).enrolments(account.id())));
        rows.add(row("person.factor-app", "phone", appOf(account)));
        rows.add(row(
                "person.factor-recovery",
                "document",
                factors.of(FactorKind.RECOVERY).enrolments(account.id())));
        return rows;
    }

    /** The app that was registered, not the codes of paired phones. */
    private List<Enrolment> appOf(Account account) {
        return apps.has(account.id()) ? factors.of(FactorKind.TOTP).enrolments(account.id()) : List.of();
    }

    private List<PhoneRow> phoneRows(Account account) {
        return phones.of(account.id()).stream()
                .map(phone -> new PhoneRow(phone.id().value(), phone.name(), phone.pairedAt(), phone.lastSeenAt()))
                .toList();
    }

    private static FactorRow row(String nameKey, String icon, List<Enrolment> enrolments) {
        Optional<Enrolment> one = enrolments.stream().findFirst();
        return new FactorRow(
                nameKey,
                icon,
                one.map(Enrolment::since).orElse(null),
                one.flatMap(Enrolment::lastUsed).orElse(null));
    }

    private List<GroupRow> groupRows(Account account) {
        Set<GroupId> direct = new HashSet<>();
        groups.groupsOf(account).forEach(group -> direct.add(group.id()));
        Set<GroupId> all = groups.groupIdsOf(account.id());
        return groups.names(account.environment()).stream()
                .filter(name -> all.contains(name.id()))
                .map(name ->
                        new GroupRow(name.id().value(), name.name(), direct.contains(name.id()), roleOf(name.role())))
                .toList();
    }

    private static @Nullable String roleOf(Optional<Role> role) {
        return role.map(given -> "role." + given.wireName()).orElse(null);
    }

    /** The roles the person has, their own first. */
    private List<String> effectiveRoles(Account account) {
        Set<Role> roles = new java.util.LinkedHashSet<>();
        roles.add(account.role());
        groups.groupsOf(account).stream().map(Group::id).forEach(id -> roles.addAll(groups.rolesGivenBy(id)));
        return roles.stream().map(role -> "role." + role.wireName()).toList();
    }

    /** What would be asked now at the portal, and in the console when the person may go there. */
    private List<Asked> asked(Account account, Instant now, Locale locale) {
        PolicyGate.Enrolments enrolments = facts.of(account.id());
        boolean has = enrolments.enrolled().contains(FactorKind.TOTP);
        boolean demanded = gate.demandsSecondFactor(account, enrolments, now);
        List<Asked> asked = new ArrayList<>();
        asked.add(new Asked(
                "person.asked-portal",
                account.isDisabled() ? "person.asked-nothing" : answer(demanded, has),
                sentence(
                        account.isDisabled() ? Why.of(Why.Rule.DISABLED) : gate.explain(account, enrolments, now),
                        locale)));
        if (accounts.rights(account).openConsole() && !account.isDisabled()) {
            asked.add(new Asked("person.asked-console", answer(true, has), sentence(Why.of(Why.Rule.CONSOLE), locale)));
        }
        return asked;
    }

    private static String answer(boolean demanded, boolean has) {
        if (!demanded) {
            return "person.asked-password";
        }
        return has ? "person.asked-code" : "person.asked-enrol";
    }

    private String sentence(Why why, Locale locale) {
        return messages.getMessage(
                why.messageKey(), new Object[] {why.argument().orElse("")}, locale);
    }

    private Set<String> may(Account account, Person person, SignedIn by) {
        return PersonOffers.of(
                account,
                person,
                by.rights(),
                accounts.rights(account),
                by.account().id().equals(account.id()));
    }

    private void addSessions(Account account, Rights rights, Instant now, Map<String, Object> model) {
        if (rights.may(Permission.RESET_FACTORS) || rights.may(Permission.VIEW_ACTIVITY)) {
            model.put(
                    "sessions",
                    sessions.liveOf(account.id(), now).stream()
                            .map(session -> new SessionRow(
                                    session.id().value(),
                                    session.origin().browser(),
                                    session.origin().address(),
                                    session.createdAt(),
                                    session.lastSeenAt()))
                            .toList());
        }
    }

    private void addActivity(Account account, Rights rights, boolean all, Locale locale, Map<String, Object> model) {
        if (!rights.may(Permission.VIEW_ACTIVITY) && !rights.may(Permission.RESET_FACTORS)) {
            return;
        }
        int limit = all ? MOST_ENTRIES : ENTRIES_SHOWN;
        List<Entry> entries = activity.newestOf(account.id(), limit + 1).stream()
                .map(entry -> new Entry(
                        entry.at(), sentences.of(entry, locale), entry.origin().address()))
                .toList();
        model.put("activity", entries.stream().limit(limit).toList());
        model.put("moreActivity", entries.size() > limit && !all);
    }

    @PostMapping("/console/people/{id}/session")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView endSession(
            @PathVariable("id") String id,
            @RequestParam(name = "session", defaultValue = "") String session,
            HttpServletRequest request) {
        Account account = find(id, request);
        if (!Identifiers.isOne(session)) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        Outcome<Outcome.Nothing> outcome =
                administration.endSession(by(request), account.id(), new SessionId(session), clock.instant());
        String page = "/console/people/" + account.id().value()
                + outcome.fold(_ -> "?notice=sessions-ended", why -> "?refused=" + why.wireName());
        return Redirects.to(PeopleSearch.cameFrom(request::getParameter).carriedBy(page));
    }

    @PostMapping("/console/people/{id}/phone")
    @Access(value = Access.Level.CONSOLE, needs = Permission.RESET_FACTORS)
    ModelAndView removePhone(
            @PathVariable("id") String id,
            @RequestParam(name = "phone", defaultValue = "") String phone,
            HttpServletRequest request) {
        Account account = find(id, request);
        if (!Identifiers.isOne(phone)) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        Outcome<Outcome.Nothing> outcome =
                administration.removePhone(by(request), account.id(), new PhoneId(phone), clock.instant());
        return Redirects.to("/console/people/" + account.id().value()
                + outcome.fold(_ -> "?notice=phone-removed", why -> "?refused=" + why.wireName()));
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
