package dev.countersign.portal;

import dev.countersign.kernel.Channel;
import dev.countersign.kernel.Target;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Token;
import dev.countersign.web.Cookies;
import dev.countersign.web.Durations;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/** Steps of a sign-in as pages, redirects and cookies: the one place where the portal translates them. */
@Component
final class SignInReplies {
    private final SignInService signIns;
    private final Randomness randomness;
    private final Durations durations;
    private final Clock clock;

    SignInReplies(SignInService signIns, Randomness randomness, Durations durations, Clock clock) {
        this.signIns = signIns;
        this.randomness = randomness;
        this.durations = durations;
        this.clock = clock;
    }

    /** The sign-in this browser has begun, if it is alive. */
    Optional<Held> held(HttpServletRequest request) {
        return Cookies.SIGN_IN
                .token(request)
                .flatMap(token -> signIns.find(
                        RequestFacts.of(request).environment().id(), Channel.COOKIE, token, clock.instant()));
    }

    /** Who is asking; gives the browser its lasting token if it has none. */
    Caller caller(HttpServletRequest request, HttpServletResponse response) {
        Token browser = Cookies.BROWSER.token(request).orElseGet(randomness::token);
        Cookies.BROWSER.set(response, browser);
        return new Caller(RequestFacts.of(request).origin("portal"), Channel.COOKIE, Optional.of(browser));
    }

    /**
     * The reply to a step.
     *
     * @param again where the same question is asked once more
     * @param problem what is said there when the answer was wrong, as a name of {@code PageModel}
     */
    ModelAndView reply(
            Step step, String again, String problem, HttpServletRequest request, HttpServletResponse response) {
        return switch (step) {
            case Step.At(Held held) -> {
                Cookies.SIGN_IN.set(response, held.token());
                yield Redirects.to(Screens.of(
                        held.state(), RequestFacts.of(request).environment().style()));
            }
            case Step.Wrong(Held _, var why) ->
                Redirects.to(again + "?problem=" + problem + Explanations.parameter(why));
            case Step.Unfit(Held held, var why) ->
                Redirects.to(Screens.of(
                                held.state(),
                                RequestFacts.of(request).environment().style()) + "?unfit="
                        + why.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            case Step.Wait(Duration duration) -> throttled(duration, request, response);
            case Step.Busy() -> busy(response);
            case Step.Gone() -> {
                Cookies.SIGN_IN.clear(response);
                yield gone(request);
            }
            case Step.Done(var issued, var target) -> {
                Cookies.SIGN_IN.clear(response);
                Cookies.SESSION.set(response, issued.token());
                yield Redirects.to(target.path());
            }
        };
    }

    /** The page that shows where the sign-in stands. */
    static ModelAndView elsewhere(Held held, HttpServletRequest request) {
        return Redirects.to(
                Screens.of(held.state(), RequestFacts.of(request).environment().style()));
    }

    /** Where a step leads whose sign-in is no more: to the account when another tab has finished it, else to the start. */
    static ModelAndView gone(HttpServletRequest request) {
        boolean finished = SignedIn.find(request).isPresent()
                && Cookies.SIGN_IN.token(request).isEmpty();
        return Redirects.to(finished ? Target.ACCOUNT.path() : Screens.START + "?problem=sign-in-expired");
    }

    ModelAndView throttled(Duration pause, HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Retry-After", Long.toString(pause.toSeconds()));
        Locale locale = org.springframework.web.servlet.support.RequestContextUtils.getLocale(request);
        ModelAndView page = new ModelAndView(
                "portal/throttled",
                Map.of("waitSeconds", pause.toSeconds(), "waitText", durations.inWords(pause, locale)));
        page.setStatus(HttpStatus.TOO_MANY_REQUESTS);
        return page;
    }

    static ModelAndView busy(HttpServletResponse response) {
        response.setHeader("Retry-After", "3");
        ModelAndView page = new ModelAndView("portal/busy");
        page.setStatus(HttpStatus.SERVICE_UNAVAILABLE);
        return page;
    }
}
