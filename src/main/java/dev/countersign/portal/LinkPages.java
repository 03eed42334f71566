package dev.countersign.portal;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Target;
import dev.countersign.mail.MailQueue;
import dev.countersign.signin.Caller;
import dev.countersign.signin.MailedLinks;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * The pages behind the links of mails, and the one that asks for such a mail. Opening a link shows what it will do; only the
 * button on that page does it, since programs open the links of mails before people do.
 */
@Controller
final class LinkPages {
    private static final Target PAIRING =
            Target.ofPath(Optional.of("/account?notice=phone-paired")).wishing(Target.Wish.PAIR_PHONE);

    private final MailedLinks links;
    private final SignInService signIns;
    private final MailQueue mails;
    private final Passwords passwords;
    private final SignInReplies replies;
    private final Clock clock;

    LinkPages(
            MailedLinks links,
            SignInService signIns,
            MailQueue mails,
            Passwords passwords,
            SignInReplies replies,
            Clock clock) {
        this.links = links;
        this.signIns = signIns;
        this.mails = mails;
        this.passwords = passwords;
        this.replies = replies;
        this.clock = clock;
    }

    @GetMapping("/forgot")
    @Access(Access.Level.PUBLIC)
    ModelAndView ask(HttpServletRequest request) {
        boolean offered = mails.isOn(RequestFacts.of(request).environment().id());
        return new ModelAndView("portal/forgot").addObject("offered", offered);
    }

    @PostMapping("/forgot")
    @Access(Access.Level.PUBLIC)
    ModelAndView forget(
            @RequestParam(name = "username", defaultValue = "") String username,
            HttpServletRequest request,
            HttpServletResponse response,
            Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        Optional<Duration> pause =
                links.forget(environment.id(), username, locale.getLanguage(), origin(request), clock.instant());
        return pause.map(wait -> replies.throttled(wait, request, response))
                .orElseGet(() -> Redirects.to("/forgot/sent"));
    }

    @GetMapping("/forgot/sent")
    @Access(Access.Level.PUBLIC)
    ModelAndView asked() {
        return new ModelAndView("portal/forgot-sent");
    }

    @GetMapping("/link")
    @Access(Access.Level.PUBLIC)
    ModelAndView show(@RequestParam(name = "token", defaultValue = "") String typed, HttpServletRequest request) {
        Optional<Token> token = Token.parse(typed);
        return token.flatMap(parsed -> open(parsed, request))
                .map(open -> page(token.orElseThrow(), open, null))
                .orElseGet(LinkPages::closed);
    }

    @PostMapping("/link")
    @Access(Access.Level.PUBLIC)
    ModelAndView act(
            @RequestParam(name = "token", defaultValue = "") String typed,
            @RequestParam(name = "password", defaultValue = "") String password,
            @RequestParam(name = "again", defaultValue = "") String again,
            HttpServletRequest request,
            HttpServletResponse response) {
        Optional<Token> token = Token.parse(typed);
        Optional<MailedLinks.Open> open = token.flatMap(parsed -> open(parsed, request));
        if (token.isEmpty() || open.isEmpty()) {
            return closed();
        }
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        return switch (open.get().link().purpose()) {
            case CONFIRM_ADDRESS ->
                done(links.confirmAddress(environment.id(), token.get(), origin(request), now), "address-confirmed");
            case NOT_ME -> done(links.reportNotMe(environment.id(), token.get(), origin(request), now), "not-me-done");
            case PAIR_PHONE -> pairPhone(token.get(), open.get().account(), request, response);
            case NEW_PASSWORD -> newPassword(token.get(), open.get(), password, again, request, response);
        };
    }

    /** The link only saves the way: the password is asked for, and the second step, as for pairing on My account. */
    private ModelAndView pairPhone(
            Token token, Account account, HttpServletRequest request, HttpServletResponse response) {
        Instant now = clock.instant();
        if (!links.beginPairing(account.environment(), token, origin(request), now)) {
            return closed();
        }
        Caller caller = replies.caller(request, response);
        Optional<SignedIn> here =
                SignedIn.find(request).filter(person -> person.account().id().equals(account.id()));
        replies.held(request).ifPresent(old -> signIns.abandon(old, now));
        Step step = here.map(person -> signIns.resume(person.session(), PAIRING, caller, now))
                .orElseGet(() -> new Step.At(
                        signIns.open(account.environment(), Channel.COOKIE, account.username(), PAIRING, now)));
        return replies.reply(step, Screens.START, "sign-in-failed", request, response);
    }

    private ModelAndView newPassword(
            Token token,
            MailedLinks.Open open,
            String password,
            String again,
            HttpServletRequest request,
            HttpServletResponse response) {
        Optional<String> problem = PasswordRules.check(
                        SecretText.of(password),
                        open.account().username(),
                        open.account().email())
                .map(why -> "problem.password-"
                        + why.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .or(() -> password.equals(again) ? Optional.empty() : Optional.of("problem.passwords-differ"));
        if (problem.isPresent()) {
            return page(token, open, problem.get());
        }
        Optional<Passwords.Prepared> prepared = passwords.prepare(SecretText.of(password));
        if (prepared.isEmpty()) {
            return SignInReplies.busy(response);
        }
        boolean set = links.setPassword(
                RequestFacts.of(request).environment().id(), token, prepared.get(), origin(request), clock.instant());
        return done(set, "password-set");
    }

    private Optional<MailedLinks.Open> open(Token token, HttpServletRequest request) {
        return links.find(RequestFacts.of(request).environment().id(), token, clock.instant());
    }

    private static Origin origin(HttpServletRequest request) {
        return RequestFacts.of(request).origin("mail");
    }

    private static ModelAndView page(Token token, MailedLinks.Open open, @Nullable String problem) {
        ModelAndView page = new ModelAndView("portal/link");
        page.addObject("token", token.reveal());
        page.addObject("purpose", open.link().purpose().name());
        page.addObject("username", open.account().username());
        page.addObject("link", open.link());
        page.addObject("shortest", PasswordRules.SHORTEST);
        if (problem != null) {
            page.addObject("problem", problem);
            page.addObject(
                    "problemArguments",
                    new Object[] {problem.endsWith("too-long") ? PasswordRules.LONGEST : PasswordRules.SHORTEST});
            page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        }
        return page;
    }

    private static ModelAndView done(boolean done, String notice) {
        return done ? Redirects.to(Screens.START + "?notice=" + notice) : closed();
    }

    private static ModelAndView closed() {
        ModelAndView page = new ModelAndView("portal/link-closed");
        page.setStatus(HttpStatus.NOT_FOUND);
        return page;
    }
}
