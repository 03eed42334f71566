package dev.countersign.setup;

import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Role;
import dev.countersign.kernel.Target;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import dev.countersign.web.Access;
import dev.countersign.web.Cookies;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The first administrator: opened by the one-time link, closed for good once there is one. */
@Controller
final class SetupPages {
    private final SetupLinks links;
    private final Passwords passwords;
    private final SignInService signIns;
    private final Randomness randomness;
    private final Clock clock;

    SetupPages(SetupLinks links, Passwords passwords, SignInService signIns, Randomness randomness, Clock clock) {
        this.links = links;
        this.passwords = passwords;
        this.signIns = signIns;
        this.randomness = randomness;
        this.clock = clock;
    }

    @GetMapping("/setup")
    @Access(Access.Level.PUBLIC)
    ModelAndView show(@RequestParam(name = "token", defaultValue = "") String typedToken, HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        return Token.parse(typedToken)
                .filter(token -> links.isOpen(environment, token, clock.instant()))
                .map(token -> form(token, Map.of(), Map.of()))
                .orElseGet(SetupPages::closed);
    }

    @PostMapping("/setup")
    @Access(Access.Level.PUBLIC)
    ModelAndView create(
            @RequestParam(name = "token", defaultValue = "") String typedToken,
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "displayName", defaultValue = "") String displayName,
            @RequestParam(name = "email", defaultValue = "") String email,
            @RequestParam(name = "password", defaultValue = "") String password,
            @RequestParam(name = "again", defaultValue = "") String again,
            HttpServletRequest request,
            HttpServletResponse response) {
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Optional<Token> token = Token.parse(typedToken).filter(parsed -> links.isOpen(environment, parsed, now));
        if (token.isEmpty()) {
            return closed();
        }
        Map<String, String> values = Map.of("username", username, "displayName", displayName, "email", email);
        Map<String, String> problems = new HashMap<>();
        PasswordRules.check(SecretText.of(password), username, email)
                .ifPresent(problem -> problems.put("password", "problem.password-" + wire(problem)));
        if (!password.equals(again)) {
            problems.put("again", "problem.passwords-differ");
        }
        if (!problems.isEmpty()) {
            return form(token.get(), values, problems);
        }
        Optional<Passwords.Prepared> prepared = passwords.prepare(SecretText.of(password));
        if (prepared.isEmpty()) {
            ModelAndView busy = new ModelAndView("portal/busy");
            busy.setStatus(HttpStatus.SERVICE_UNAVAILABLE);
            return busy;
        }
        NewAccount typed = new NewAccount(username, displayName, email, Role.ADMINISTRATOR);
        var origin = RequestFacts.of(request).origin("setup");
        return switch (links.createAdministrator(environment, token.get(), typed, prepared.get(), origin, now)) {
            case SetupLinks.Outcome.Closed() -> closed();
            case SetupLinks.Outcome.Refused(Accounts.Problem problem) ->
                form(token.get(), values, Map.of(field(problem), "problem." + wire(problem)));
            case SetupLinks.Outcome.Created(var account) -> {
                Proof proof = new Proof(FactorKind.PASSWORD, account.id(), Proof.Means.ANSWERED, now);
                Token browser = Cookies.BROWSER.token(request).orElseGet(randomness::token);
                Cookies.BROWSER.set(response, browser);
                Caller caller = new Caller(origin, Channel.COOKIE, Optional.of(browser));
                yield goOn(signIns.continueAs(account, proof, Target.CONSOLE, caller, now), response);
            }
        };
    }

    /** The console needs a second factor, so the sign-in always continues with registering one. */
    private static ModelAndView goOn(Step step, HttpServletResponse response) {
        if (step instanceof Step.At(Held held)) {
            Cookies.SIGN_IN.set(response, held.token());
            return Redirects.to("/sign-in/enrol");
        }
        return Redirects.to("/sign-in?to=/console");
    }

    private static ModelAndView form(Token token, Map<String, String> values, Map<String, String> problems) {
        ModelAndView page = new ModelAndView(
                "setup/setup", Map.of("token", token.reveal(), "values", values, "fieldProblems", problems));
        page.addObject("shortest", PasswordRules.SHORTEST);
        page.addObject("longest", PasswordRules.LONGEST);
        if (!problems.isEmpty()) {
            page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        }
        return page;
    }

    private static ModelAndView closed() {
        ModelAndView page = new ModelAndView("setup/closed");
        page.setStatus(HttpStatus.NOT_FOUND);
        return page;
    }

    private static String field(Accounts.Problem problem) {
        return switch (problem) {
            case USERNAME_EMPTY,
                    USERNAME_TOO_LONG,
                    USERNAME_INVISIBLE,
                    USERNAME_CHARACTERS,
                    USERNAME_LOOK_ALIKE,
                    USERNAME_TAKEN -> "username";
            case EMAIL_INVALID -> "email";
            case NAME_INVALID -> "displayName";
        };
    }

    private static String wire(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
