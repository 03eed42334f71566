package dev.countersign.companion;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.push.Endpoints;
import dev.countersign.push.PushKeys;
import dev.countersign.push.Subscription;
import dev.countersign.signin.OwnFactors;
import dev.countersign.signin.PhoneDecisions;
import dev.countersign.signin.PhoneDecisions.Decided;
import dev.countersign.signin.PhoneDecisions.NewPassword;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.Bodies;
import dev.countersign.web.Languages;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What paired phones ask and decide: companion protocol sections 3 and 4. Every call is signed by the phone's key. */
@RestController
@RequestMapping("/api/companion/v1")
final class CompanionApi {
    private static final int HISTORY = 50;

    private final PhoneCallers callers;
    private final Approvals approvals;
    private final Phones phones;
    private final PhoneDecisions decisions;
    private final OwnFactors ownFactors;
    private final Accounts accounts;
    private final Passwords passwords;
    private final PushKeys pushKeys;
    private final Endpoints endpoints;
    private final Clock clock;

    CompanionApi(
            PhoneCallers callers,
            Approvals approvals,
            Phones phones,
            PhoneDecisions decisions,
            OwnFactors ownFactors,
            Accounts accounts,
            Passwords passwords,
            PushKeys pushKeys,
            Endpoints endpoints,
            Clock clock) {
        this.callers = callers;
        this.approvals = approvals;
        this.phones = phones;
        this.decisions = decisions;
        this.ownFactors = ownFactors;
        this.accounts = accounts;
        this.passwords = passwords;
        this.pushKeys = pushKeys;
        this.endpoints = endpoints;
        this.clock = clock;
    }

    record RequestView(
            String id,
            String application,
            String browser,
            String system,
            String address,
            @Nullable String network,
            @Nullable String place,
            long createdAt,
            long expiresAt,
            String confirmation,
            String state,
            @Nullable Long decidedAt) {
        static RequestView of(Approval request, Instant now) {
            Approval.Circumstances about = request.circumstances();
            Approval.State state = request.stateAt(now);
            boolean decided = request.state() != Approval.State.OPEN;
            return new RequestView(
                    request.id().value(),
                    about.application(),
                    about.browser(),
                    about.system(),
                    about.address(),
                    about.network().orElse(null),
                    about.place().orElse(null),
                    request.createdAt().getEpochSecond(),
                    request.expiresAt().getEpochSecond(),
                    request.confirmation().wireName(),
                    shown(state),
                    decided ? request.changedAt().getEpochSecond() : null);
        }

        /** What was used was approved; what went another way was answered by nobody. */
        private static String shown(Approval.State state) {
            return switch (state) {
                case USED, APPROVED -> "approved";
                case WITHDRAWN, EXPIRED -> "expired";
                case OPEN, REFUSED, REPORTED -> state.wireName();
            };
        }
    }

    record Waiting(long serverTime, int heldBack, List<RequestView> requests) {}

    @GetMapping("/requests")
    @Access(Access.Level.BEARER)
    Waiting requests(HttpServletRequest request) {
        Phone phone = callers.require(request, new byte[0]);
        Instant now = clock.instant();
        List<RequestView> open = approvals.open(phone.account(), now).stream()
                .map(each -> RequestView.of(each, now))
                .toList();
        return new Waiting(now.getEpochSecond(), approvals.heldBack(phone.account()), open);
    }

    record History(List<RequestView> requests) {}

    @GetMapping("/history")
    @Access(Access.Level.BEARER)
    History history(HttpServletRequest request) {
        Phone phone = callers.require(request, new byte[0]);
        Instant now = clock.instant();
        return new History(approvals.newest(phone.account(), HISTORY).stream()
                .map(each -> RequestView.of(each, now))
                .toList());
    }

    record DecisionBody(@Nullable String decision) {}

    record Outcome(String state) {}

    @PostMapping("/requests/{id}/decision")
    @Access(Access.Level.BEARER)
    Outcome decide(
            @PathVariable String id,
            @RequestBody(required = false) byte @Nullable [] body,
            HttpServletRequest request) {
        byte[] bytes = PhoneCallers.bounded(body);
        Phone phone = callers.require(request, bytes);
        String signed = Bodies.required(
                "decision", callers.read(bytes, DecisionBody.class).decision());
        ApprovalId approval = Identifiers.find(id).map(ApprovalId::new).orElseThrow(CompanionApi::notThis);
        return switch (decisions.decide(phone, approval, signed, origin(request), clock.instant())) {
            case Decided.Done(Approval.State state) -> new Outcome(state.wireName());
            case Decided.WrongDigits(int left) -> throw PhoneProblem.wrongNumber(left);
            case Decided.Before() ->
                throw Refusal.of(
                        ProblemType.REQUEST_DECIDED, "This request was answered before, here or on another phone.");
            case Decided.TooLate() ->
                throw Refusal.of(ProblemType.REQUEST_EXPIRED, "Its time is over; nothing happened. Sign in again.");
            case Decided.NotThis() -> throw notThis();
            case Decided.Wait(var pause) ->
                throw Refusal.until(
                        ProblemType.TOO_MANY_ATTEMPTS,
                        pause,
                        "Too many wrong numbers. Wait " + pause.toSeconds() + " seconds.");
        };
    }

    private static Refusal notThis() {
        return Refusal.of(
                ProblemType.PHONE_DECISION,
                "What was signed is not an answer of this phone to this request as it is now. Ask for the requests again.");
    }

    record PersonView(String id, String username, String name) {
        static PersonView of(Account account) {
            return new PersonView(account.id().value(), account.username(), account.displayName());
        }
    }

    record PhoneView(
            String id,
            String name,
            long createdAt,
            long lastSeenAt,
            @JsonProperty("this") boolean self) {}

    record PushView(String publicKey, boolean subscribed, boolean trouble) {}

    record Me(
            PersonView account,
            String environment,
            String language,
            boolean passwordBlocked,
            List<PhoneView> phones,
            PushView push) {}

    @GetMapping("/me")
    @Access(Access.Level.BEARER)
    Me me(HttpServletRequest request, Locale locale) {
        Phone phone = callers.require(request, new byte[0]);
        Account account = accounts.get(phone.account());
        Environment environment = RequestFacts.of(request).environment();
        List<PhoneView> all = phones.of(account.id()).stream()
                .map(each -> new PhoneView(
                        each.id().value(),
                        each.name(),
                        each.pairedAt().getEpochSecond(),
                        each.lastSeenAt().getEpochSecond(),
                        each.id().equals(phone.id())))
                .toList();
        return new Me(
                PersonView.of(account),
                environment.displayName(),
                language(account, locale),
                passwords.blockedBy(account.id()).isPresent(),
                all,
                new PushView(
                        pushKeys.publicKey(),
                        phone.notified(),
                        phone.ringFailedAt().isPresent()));
    }

    static String language(Account account, Locale locale) {
        return account.locale().flatMap(Languages::ofTag).orElse(locale).getLanguage();
    }

    record NameBody(@Nullable String name) {}

    @PutMapping("/me/phones/{id}")
    @Access(Access.Level.BEARER)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void rename(
            @PathVariable String id,
            @RequestBody(required = false) byte @Nullable [] body,
            HttpServletRequest request) {
        byte[] bytes = PhoneCallers.bounded(body);
        Phone phone = callers.require(request, bytes);
        String name = PhoneCallers.name(callers.read(bytes, NameBody.class).name());
        PhoneId chosen = Identifiers.find(id).map(PhoneId::new).orElseThrow(Refusal::notFound);
        if (!phones.rename(phone.account(), chosen, name)) {
            throw Refusal.notFound();
        }
    }

    @DeleteMapping("/me/phones/{id}")
    @Access(Access.Level.BEARER)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable String id, HttpServletRequest request) {
        Phone phone = callers.require(request, new byte[0]);
        Account account = accounts.get(phone.account());
        PhoneId chosen = Identifiers.find(id).map(PhoneId::new).orElseThrow(Refusal::notFound);
        switch (ownFactors.removePhone(account, chosen, actor(account), origin(request), clock.instant())) {
            case REMOVED -> {}
            case NO_SUCH -> throw Refusal.notFound();
            case NEEDED ->
                throw Refusal.of(
                        ProblemType.CONFLICT,
                        "A second factor is demanded of this account, and this phone is the only one. Add another first.");
        }
    }

    record Keys(@Nullable String p256dh, @Nullable String auth) {}

    record SubscriptionBody(
            @Nullable String endpoint, @Nullable Keys keys) {}

    @PutMapping("/me/subscription")
    @Access(Access.Level.BEARER)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void subscribe(@RequestBody(required = false) byte @Nullable [] body, HttpServletRequest request) {
        byte[] bytes = PhoneCallers.bounded(body);
        Phone phone = callers.require(request, bytes);
        SubscriptionBody asked = callers.read(bytes, SubscriptionBody.class);
        Keys keys = Bodies.required("keys", asked.keys());
        Subscription.Parsed parsed = Subscription.parse(
                Bodies.required("endpoint", asked.endpoint()),
                Bodies.required("p256dh", keys.p256dh()),
                Bodies.required("auth", keys.auth()),
                endpoints);
        switch (parsed) {
            case Subscription.Parsed.Accepted(Subscription where) -> phones.subscribe(phone, Optional.of(where));
            case Subscription.Parsed.Refused(Subscription.Problem problem, String why) ->
                throw Refusal.of(ProblemType.INVALID_REQUEST, problem.name().toLowerCase(Locale.ROOT), why);
        }
    }

    @DeleteMapping("/me/subscription")
    @Access(Access.Level.BEARER)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void unsubscribe(HttpServletRequest request) {
        phones.subscribe(callers.require(request, new byte[0]), Optional.empty());
    }

    record PasswordBody(@Nullable String current, @Nullable String password) {}

    @PostMapping("/me/password")
    @Access(Access.Level.BEARER)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void password(@RequestBody(required = false) byte @Nullable [] body, HttpServletRequest request) {
        byte[] bytes = PhoneCallers.bounded(body);
        Phone phone = callers.require(request, bytes);
        PasswordBody asked = callers.read(bytes, PasswordBody.class);
        Account account = accounts.get(phone.account());
        SecretText password = SecretText.of(Bodies.required("password", asked.password()));
        SecretText current = SecretText.of(Optional.ofNullable(asked.current()).orElse(""));
        switch (decisions.changePassword(account, phone, current, password, origin(request), clock.instant())) {
            case NewPassword.Set() -> {}
            case NewPassword.Unfit(var problem) ->
                throw Refusal.of(
                        ProblemType.PASSWORD_UNFIT,
                        problem.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        "Choose another password.");
            case NewPassword.CurrentWrong() ->
                throw Refusal.of(ProblemType.FORBIDDEN, "current", "The current password is not right.");
            case NewPassword.Wait(var pause) ->
                throw Refusal.until(
                        ProblemType.TOO_MANY_ATTEMPTS,
                        pause,
                        "Too many wrong passwords. Wait " + pause.toSeconds() + " seconds.");
            case NewPassword.Busy() -> throw Refusal.of(ProblemType.BUSY, "Try again in a few seconds.");
        }
    }

    static Actor actor(Account account) {
        return Actor.person(account.id(), account.username());
    }

    static Origin origin(HttpServletRequest request) {
        return RequestFacts.of(request).origin("companion");
    }
}
