package dev.countersign.portal;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.directory.Environment;
import dev.countersign.directory.SignInStyle;
import dev.countersign.factor.Answer;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.replacement.ReplacementCodes;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Target;
import dev.countersign.mail.MailQueue;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.Cookies;
import dev.countersign.web.Languages;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The pages that ask: name, password, code, recovery code. */
@Controller
final class SignInPages {
    private static final String FAILED = "sign-in-failed";

    private final SignInService signIns;
    private final SignInReplies replies;
    private final AccountActions actions;
    private final Explanations explanations;
    private final MailQueue mails;
    private final Clock clock;

    SignInPages(
            SignInService signIns,
            SignInReplies replies,
            AccountActions actions,
            Explanations explanations,
            MailQueue mails,
            Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.actions = actions;
        this.explanations = explanations;
        this.mails = mails;
        this.clock = clock;
    }

    @GetMapping("/")
    @Access(Access.Level.PUBLIC)
    ModelAndView home() {
        return Redirects.to("/account");
    }

    @GetMapping("/sign-in")
    @Access(Access.Level.PUBLIC)
    ModelAndView start(
            @RequestParam(name = "to", required = false) String to,
            @RequestParam(name = "problem", defaultValue = "") String problem,
            HttpServletRequest request) {
        if (problem.equals("sign-in-expired") && SignedIn.find(request).isPresent()) {
            // Another tab has finished it at the same moment.
            return Redirects.to(Target.ACCOUNT.path());
        }
        Environment environment = RequestFacts.of(request).environment();
        Map<String, Object> model = new HashMap<>();
        model.put("style", environment.style());
        model.put("username", shownName(request));
        model.put("forgottenOffered", mails.isOn(environment.id()));
        Optional.ofNullable(to)
                .filter(Target::isLocalPath)
                .or(() -> destination(request))
                .ifPresent(path -> model.put("to", path));
        return new ModelAndView("portal/sign-in", model);
    }

    /** Where the sign-in was leading, when the same question is asked again. */
    private Optional<String> destination(HttpServletRequest request) {
        return replies.held(request)
                .map(held -> held.state().heading().target())
                .filter(target -> !target.equals(Target.ACCOUNT))
                .map(Target::path);
    }

    /** The name typed before, when the same question is asked again. */
    private String shownName(HttpServletRequest request) {
        return replies.held(request)
                .filter(held -> held.state() instanceof SignIn.Asked)
                .map(held -> held.state().heading().shownName())
                .orElse("");
    }

    @PostMapping("/sign-in")
    @Access(Access.Level.PUBLIC)
    ModelAndView begin(
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "password", defaultValue = "") String password,
            @RequestParam(name = "code", defaultValue = "") String code,
            @RequestParam(name = "to", required = false) String to,
            HttpServletRequest request,
            HttpServletResponse response) {
        Environment environment = RequestFacts.of(request).environment();
        Caller caller = replies.caller(request, response);
        replies.held(request).ifPresent(old -> signIns.abandon(old, clock.instant()));
        Held held = signIns.open(
                environment.id(), Channel.COOKIE, username, Target.ofPath(Optional.ofNullable(to)), clock.instant());
        Cookies.SIGN_IN.set(response, held.token());
        Step step = switch (environment.style()) {
            case IDENTIFIER_FIRST -> new Step.At(held);
            case TWO_SCREENS ->
                signIns.answer(held, FactorKind.PASSWORD, Answer.Typed.of(password), caller, clock.instant());
            case ONE_PAGE ->
                signIns.answerTogether(held, Answer.Typed.of(password), given(code), caller, clock.instant());
        };
        return replies.reply(step, Screens.START, FAILED, request, response);
    }

    @GetMapping("/sign-in/password")
    @Access(Access.Level.SIGN_IN)
    ModelAndView askPassword(HttpServletRequest request) {
        return show(request, Screens.PASSWORD, "portal/password")
                .addObject(
                        "forgottenOffered",
                        mails.isOn(RequestFacts.of(request).environment().id()));
    }

    @PostMapping("/sign-in/password")
    @Access(Access.Level.SIGN_IN)
    ModelAndView password(
            @RequestParam(name = "password", defaultValue = "") String password,
            HttpServletRequest request,
            HttpServletResponse response) {
        return answer(FactorKind.PASSWORD, password, Screens.PASSWORD, request, response);
    }

    @GetMapping("/sign-in/code")
    @Access(Access.Level.SIGN_IN)
    ModelAndView askCode(
            @RequestParam(name = "known", required = false) @Nullable String known,
            HttpServletRequest request,
            Locale locale) {
        ModelAndView page = show(request, Screens.CODE, "portal/code");
        replies.held(request).ifPresent(held -> page.addAllObjects(explanations.of(known, held, locale)));
        return page;
    }

    @PostMapping("/sign-in/code")
    @Access(Access.Level.SIGN_IN)
    ModelAndView code(
            @RequestParam(name = "code", defaultValue = "") String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        return answer(kindOf(code), code, Screens.CODE, request, response);
    }

    @GetMapping("/sign-in/recovery")
    @Access(Access.Level.SIGN_IN)
    ModelAndView askRecovery(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        boolean offered = held.filter(SignInPages::offersRecovery).isPresent();
        return offered ? page("portal/recovery", held.orElseThrow()) : show(request, Screens.CODE, "portal/code");
    }

    @PostMapping("/sign-in/recovery")
    @Access(Access.Level.SIGN_IN)
    ModelAndView recovery(
            @RequestParam(name = "code", defaultValue = "") String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        return answer(FactorKind.RECOVERY, code, Screens.RECOVERY, request, response);
    }

    @GetMapping("/sign-in/replacement")
    @Access(Access.Level.SIGN_IN)
    ModelAndView askReplacement(HttpServletRequest request) {
        return show(request, Screens.REPLACEMENT, "portal/replacement");
    }

    @PostMapping("/sign-in/replacement")
    @Access(Access.Level.SIGN_IN)
    ModelAndView replacement(
            @RequestParam(name = "code", defaultValue = "") String code,
            HttpServletRequest request,
            HttpServletResponse response) {
        return answer(FactorKind.REPLACEMENT, code, Screens.REPLACEMENT, request, response);
    }

    @PostMapping("/sign-in/restart")
    @Access(Access.Level.PUBLIC)
    ModelAndView restart(HttpServletRequest request, HttpServletResponse response) {
        replies.held(request).ifPresent(held -> signIns.abandon(held, clock.instant()));
        Cookies.SIGN_IN.clear(response);
        return Redirects.to(Screens.START + "?notice=restarted");
    }

    @PostMapping("/sign-out")
    @Access(Access.Level.PUBLIC)
    ModelAndView signOut(HttpServletRequest request, HttpServletResponse response) {
        SignedIn.find(request)
                .ifPresent(person -> actions.endSession(
                        person.account(),
                        person.session().id(),
                        ActivityEvent.EndReason.SIGNED_OUT,
                        person.actor(),
                        RequestFacts.of(request).origin("portal"),
                        clock.instant()));
        Cookies.SESSION.clear(response);
        return Redirects.to(Screens.START + "?notice=signed-out");
    }

    @PostMapping("/language")
    @Access(Access.Level.PUBLIC)
    ModelAndView language(
            @RequestParam(name = "locale", defaultValue = "") String locale,
            @RequestParam(name = "return", defaultValue = "") String back,
            HttpServletResponse response) {
        Languages.ofTag(locale).ifPresent(chosen -> Languages.choose(response, chosen));
        return Redirects.to(Target.isLocalPath(back) ? back : Screens.START);
    }

    private ModelAndView answer(
            FactorKind kind, String typed, String screen, HttpServletRequest request, HttpServletResponse response) {
        Optional<Held> held = replies.held(request);
        if (held.isEmpty()) {
            return replies.reply(new Step.Gone(), screen, FAILED, request, response);
        }
        Step step = signIns.answer(
                held.get(), kind, Answer.Typed.of(typed), replies.caller(request, response), clock.instant());
        return replies.reply(step, screen, FAILED, request, response);
    }

    /** The page if that is where the sign-in stands; else the page where it does. */
    private ModelAndView show(HttpServletRequest request, String screen, String template) {
        Optional<Held> held = replies.held(request);
        if (held.isEmpty()) {
            return SignInReplies.gone(request);
        }
        SignInStyle style = RequestFacts.of(request).environment().style();
        String actual = Screens.of(held.get().state(), style);
        boolean inPlaceOfPhone = screen.equals(Screens.CODE) && actual.equals(Screens.APPROVAL);
        return actual.equals(screen) || inPlaceOfPhone ? page(template, held.get()) : Redirects.to(actual);
    }

    private static ModelAndView page(String template, Held held) {
        return new ModelAndView(
                template,
                Map.of(
                        "username",
                        held.state().heading().shownName(),
                        "recoveryOffered",
                        offersRecovery(held),
                        "phoneAsked",
                        Screens.asksPhones(held.state())));
    }

    private static boolean offersRecovery(Held held) {
        return held.state() instanceof SignIn.Asked asked && asked.offer().contains(FactorKind.RECOVERY);
    }

    private static Optional<SignInService.Given> given(String code) {
        return code.isBlank()
                ? Optional.empty()
                : Optional.of(new SignInService.Given(kindOf(code), Answer.Typed.of(code)));
    }

    /** In the field for the app's code, the other codes work too: none of them can be mistaken for another. */
    private static FactorKind kindOf(String code) {
        SecretText typed = SecretText.of(code);
        if (ReplacementCodes.parse(typed).isPresent()) {
            return FactorKind.REPLACEMENT;
        }
        return RecoveryCodes.parse(typed).isPresent() ? FactorKind.RECOVERY : FactorKind.TOTP;
    }
}
