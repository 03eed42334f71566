package dev.countersign.account;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityEvent.EndReason;
import dev.countersign.activity.ActivityFilter;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.factor.Enrolment;
import dev.countersign.factor.Factors;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.WrongCodes;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.SessionId;
import dev.countersign.mail.MailQueue;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.OwnFactors;
import dev.countersign.signin.SignInService;
import dev.countersign.web.Access;
import dev.countersign.web.Durations;
import dev.countersign.web.Languages;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.Sentences;
import dev.countersign.web.SignedIn;
import dev.countersign.web.Traces;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** My account: what one signs in with, where one is signed in, what has happened, and the language. */
@Controller
final class AccountPages {
    private static final int ENTRIES_SHOWN = 20;

    private final Accounts accounts;
    private final Groups groups;
    private final Factors factors;
    private final Apps apps;
    private final OwnPhones ownPhones;
    private final Policies policies;
    private final Sessions sessions;
    private final AccountActions actions;
    private final OwnFactors ownFactors;
    private final SignInService signIns;
    private final ActivityLog activity;
    private final Sentences sentences;
    private final Traces traces;
    private final WrongCodes wrongCodes;
    private final Durations durations;
    private final MailQueue mails;
    private final Clock clock;

    AccountPages(
            Accounts accounts,
            Groups groups,
            Factors factors,
            Apps apps,
            OwnPhones ownPhones,
            Policies policies,
            Sessions sessions,
            AccountActions actions,
            OwnFactors ownFactors,
            SignInService signIns,
            ActivityLog activity,
            Sentences sentences,
            Traces traces,
            WrongCodes wrongCodes,
            Durations durations,
            MailQueue mails,
            Clock clock) {
        this.accounts = accounts;
        this.groups = groups;
        this.factors = factors;
        this.apps = apps;
        this.ownPhones = ownPhones;
        this.policies = policies;
        this.sessions = sessions;
        this.actions = actions;
        this.ownFactors = ownFactors;
        this.signIns = signIns;
        this.activity = activity;
        this.sentences = sentences;
        this.traces = traces;
        this.wrongCodes = wrongCodes;
        this.durations = durations;
        this.mails = mails;
        this.clock = clock;
    }

    /**
     * @param emailConfirmed whether the person has shown that the address is theirs
     * @param mail whether a mail can be sent that asks them to
     */
    record Person(
            String username,
            String displayName,
            String email,
            boolean emailConfirmed,
            boolean mail,
            List<String> groups,
            String roleKey) {}

    record App(Instant since, @Nullable Instant lastUsed) {}

    record RecoveryCode(Instant since) {}

    record SessionRow(String id, boolean current, String browser, String address, Instant since, Instant lastSeen) {}

    record Entry(Instant at, String sentence, String address, List<String> trace) {}

    @GetMapping("/account")
    @Access(Access.Level.SESSION)
    ModelAndView show(
            @RequestParam(name = "before", defaultValue = "") String before,
            HttpServletRequest request,
            Locale locale) {
        SignedIn person = SignedIn.of(request);
        Account account = person.account();
        Instant now = clock.instant();
        Optional<Enrolment> app = factors.of(FactorKind.TOTP).enrolments(account.id()).stream()
                .filter(_ -> apps.has(account.id()))
                .findFirst();
        boolean offered = policies.rules(account.environment()).mode() != Rules.Mode.OFF;
        Map<String, Object> model = new HashMap<>();
        model.put("person", person(account));
        app.ifPresent(enrolment ->
                model.put("app", new App(enrolment.since(), enrolment.lastUsed().orElse(null))));
        factors.of(FactorKind.RECOVERY).enrolments(account.id()).stream()
                .findFirst()
                .ifPresent(code -> model.put("recoveryCode", new RecoveryCode(code.since())));
        model.put("mayRemoveApp", app.isPresent() && ownPhones.mayRemoveApp(person, now));
        model.put("twoFactorOffered", offered || app.isPresent() || ownPhones.any(account));
        ownPhones.addTo(model, person, now);
        wrongCodes.learnedOffset(account.id()).ifPresent(fast -> {
            model.put("clockKey", fast.isNegative() ? "account.clock-slow" : "account.clock-fast");
            model.put("clockOffset", durations.exactly(fast.abs(), locale));
        });
        model.put("sessions", sessionRows(person, now));
        long from = before.matches("\\d{1,18}") ? Long.parseLong(before) : Long.MAX_VALUE;
        List<ActivityEntry> entries =
                activity.before(account.environment(), ActivityFilter.about(account.id()), from, ENTRIES_SHOWN + 1);
        if (entries.size() > ENTRIES_SHOWN) {
            model.put("olderThan", entries.get(ENTRIES_SHOWN - 1).sequence());
        }
        model.put(
                "activity",
                entries.stream()
                        .limit(ENTRIES_SHOWN)
                        .map(entry -> new Entry(
                                entry.at(),
                                sentences.of(entry, locale),
                                entry.origin().address(),
                                traces.of(entry, locale)))
                        .toList());
        model.put("chosenLocale", account.locale().orElse(""));
        return new ModelAndView("account/account", model);
    }

    private Person person(Account account) {
        return new Person(
                account.username(),
                account.displayName(),
                account.email(),
                accounts.emailConfirmedAt(account.id()).isPresent(),
                mails.isOn(account.environment()),
                groups.groupsOf(account).stream().map(Group::name).toList(),
                "role." + account.role().wireName());
    }

    private List<SessionRow> sessionRows(SignedIn person, Instant now) {
        return sessions.liveOf(person.account().id(), now).stream()
                .map(session -> row(session, person.session().id()))
                .toList();
    }

    private static SessionRow row(Session session, SessionId current) {
        return new SessionRow(
                session.id().value(),
                session.id().equals(current),
                session.origin().browser(),
                session.origin().address(),
                session.createdAt(),
                session.lastSeenAt());
    }

    @GetMapping("/account/app/remove")
    @Access(Access.Level.SESSION)
    ModelAndView confirmRemoval(HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        if (!ownPhones.mayRemoveApp(person, clock.instant())) {
            return Redirects.to("/account");
        }
        boolean fresh = signIns.isFresh(person.session(), clock.instant());
        return fresh
                ? new ModelAndView("account/remove-app", Map.of("phoneLeft", ownPhones.any(person.account())))
                : Redirects.to("/sign-in/confirm?to=/account/app/remove");
    }

    @PostMapping("/account/app/remove")
    @Access(Access.Level.SESSION)
    ModelAndView removeApp(HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Instant now = clock.instant();
        if (!ownPhones.mayRemoveApp(person, now)) {
            return Redirects.to("/account");
        }
        if (!signIns.isFresh(person.session(), now)) {
            return Redirects.to("/sign-in/confirm?to=/account/app/remove");
        }
        OwnFactors.Removal removal = ownFactors.removeApp(
                person.account(), person.actor(), RequestFacts.of(request).origin("account"), now);
        return Redirects.to(removal == OwnFactors.Removal.REMOVED ? "/account?notice=app-removed" : "/account");
    }

    /** Where a step-up comes back to that ending a session has asked for: what was chosen is kept, and one click is left. */
    @GetMapping("/account/sessions/end")
    @Access(Access.Level.SESSION)
    ModelAndView confirmEnd(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Instant now = clock.instant();
        if (!signIns.isRecent(person.session(), now)) {
            return confirmFirst(id);
        }
        Optional<SessionRow> chosen = sessionRows(person, now).stream()
                .filter(row -> !row.current() && row.id().equals(id))
                .findFirst();
        if (!id.isEmpty() && chosen.isEmpty()) {
            return Redirects.to("/account");
        }
        Map<String, Object> model = new HashMap<>();
        chosen.ifPresent(row -> model.put("chosen", row));
        return new ModelAndView("account/end-session", model);
    }

    private static ModelAndView confirmFirst(String id) {
        String chosen = Identifiers.isOne(id) ? "?id=" + id : "";
        return Redirects.to("/sign-in/confirm?to=/account/sessions/end" + chosen);
    }

    @PostMapping("/account/sessions/end")
    @Access(Access.Level.SESSION)
    ModelAndView endSession(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        if (!signIns.isRecent(person.session(), clock.instant())) {
            return confirmFirst(id);
        }
        boolean ended = Identifiers.isOne(id)
                && actions.endSession(
                        person.account(),
                        new SessionId(id),
                        EndReason.ENDED_BY_OWNER,
                        person.actor(),
                        RequestFacts.of(request).origin("account"),
                        clock.instant());
        if (!ended) {
            throw new org.springframework.web.server.ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        return Redirects.to("/account?notice=sessions-ended");
    }

    @PostMapping("/account/sessions/end-others")
    @Access(Access.Level.SESSION)
    ModelAndView endOtherSessions(HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        if (!signIns.isRecent(person.session(), clock.instant())) {
            return confirmFirst("");
        }
        actions.endOtherSessions(
                person.account(),
                person.session().id(),
                person.actor(),
                RequestFacts.of(request).origin("account"),
                clock.instant());
        return Redirects.to("/account?notice=sessions-ended");
    }

    /** Sends the mail that asks the person to show that the address is theirs. */
    @PostMapping("/account/email/confirm")
    @Access(Access.Level.SESSION)
    ModelAndView confirmAddress(HttpServletRequest request) {
        Account account = SignedIn.of(request).account();
        mails.sendConfirmation(account, RequestFacts.of(request).origin("account"), clock.instant());
        return Redirects.to("/account?notice=confirmation-sent");
    }

    @PostMapping("/account/language")
    @Access(Access.Level.SESSION)
    ModelAndView language(@RequestParam(name = "locale", defaultValue = "") String tag, HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        Optional<String> locale = Languages.ofTag(tag).map(Locale::toLanguageTag);
        accounts.changeLocale(
                person.account(),
                locale,
                person.actor(),
                RequestFacts.of(request).origin("account"),
                clock.instant());
        return Redirects.to("/account?notice=language-saved");
    }
}
