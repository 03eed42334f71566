package dev.countersign.portal;

import dev.countersign.factor.Answer;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.PairingWords;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.factor.totp.QrPicture;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Target;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The browser's side of pairing a phone: a picture to scan, then four words to compare. */
@Controller
final class PhonePages {
    private static final int GROUP = 5;

    private final SignInService signIns;
    private final SignInReplies replies;
    private final PairingWords words;
    private final Events events;
    private final Clock clock;

    PhonePages(SignInService signIns, SignInReplies replies, PairingWords words, Events events, Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.words = words;
        this.events = events;
        this.clock = clock;
    }

    @GetMapping("/sign-in/enrol/phone")
    @Access(Access.Level.SIGN_IN)
    ModelAndView phone(HttpServletRequest request, Locale locale) {
        Optional<Held> held = replies.held(request);
        Optional<Pairings.Begun> begun = begun(held, request, locale);
        if (begun.isEmpty()) {
            return held.isEmpty() ? SignInReplies.gone(request) : SignInReplies.elsewhere(held.get(), request);
        }
        Pairing pairing = begun.get().pairing();
        String code = begun.get().code().reveal();
        String link = pairing.origin() + "/companion/#pair=" + pairing.id();
        Map<String, Object> model = new HashMap<>();
        model.put("link", link);
        model.put("codeGroups", List.of(code.substring(0, GROUP), code.substring(GROUP)));
        model.put("qrSvg", QrPicture.of(link).svg());
        model.put("wished", isWished(held.orElseThrow()));
        model.put("refreshSeconds", 5);
        pairing.offer().ifPresent(offer -> {
            model.put("phoneName", offer.name());
            model.put("words", words.of(pairing));
        });
        return new ModelAndView("portal/enrol-phone", model);
    }

    /** The words are the same. */
    @PostMapping("/sign-in/enrol/phone")
    @Access(Access.Level.SIGN_IN)
    ModelAndView confirm(HttpServletRequest request, HttpServletResponse response) {
        Optional<Held> held = replies.held(request);
        if (held.filter(PhonePages::pairs).isEmpty()) {
            return held.isEmpty() ? SignInReplies.gone(request) : SignInReplies.elsewhere(held.get(), request);
        }
        Step step = signIns.enrol(held.get(), Answer.Typed.of(""), replies.caller(request, response), clock.instant());
        return replies.reply(step, Screens.ENROL_PHONE, "phone-not-paired", request, response);
    }

    /** The words differ, or the phone is not mine. */
    @PostMapping("/sign-in/enrol/phone/refuse")
    @Access(Access.Level.SIGN_IN)
    ModelAndView refuse(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        held.filter(PhonePages::pairs).ifPresent(each -> signIns.refusePairing(each, clock.instant()));
        return held.isEmpty()
                ? SignInReplies.gone(request)
                : Redirects.to(Screens.ENROL_PHONE + "?problem=phone-refused");
    }

    /** A code app in place of a phone that approves, or the other way round. */
    @PostMapping("/sign-in/enrol/kind")
    @Access(Access.Level.SIGN_IN)
    ModelAndView prefer(
            @RequestParam(name = "kind", defaultValue = "") String kind,
            HttpServletRequest request,
            HttpServletResponse response) {
        Optional<Held> held = replies.held(request);
        if (held.isEmpty()) {
            return SignInReplies.gone(request);
        }
        FactorKind chosen = kind.equals("push") ? FactorKind.PUSH : FactorKind.TOTP;
        Step step = signIns.prefer(held.get(), chosen, replies.caller(request, response), clock.instant());
        return replies.reply(step, Screens.ENROL, "sign-in-failed", request, response);
    }

    /** Server-sent events: one, {@code decided}, when a phone has offered itself, were it before the page listened. */
    @GetMapping(path = "/sign-in/enrol/phone/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Access(Access.Level.SIGN_IN)
    void events(HttpServletRequest request, HttpServletResponse response, Locale locale)
            throws IOException, ServletException {
        Optional<Pairings.Begun> begun = begun(replies.held(request), request, locale);
        if (begun.isEmpty()) {
            Events.none(response);
            return;
        }
        Pairing pairing = begun.get().pairing();
        events.answer(
                request,
                response,
                pairing.id().value(),
                pairing.expiresAt().plus(ApprovalPages.AFTER),
                () -> signIns.pairingState(pairing.environment(), pairing.id())
                        .filter(state -> state != Pairing.State.OFFERED)
                        .map(Pairing.State::wireName));
    }

    private Optional<Pairings.Begun> begun(Optional<Held> held, HttpServletRequest request, Locale locale) {
        return held.flatMap(
                each -> signIns.pairing(each, RequestFacts.of(request).base(), locale, clock.instant()));
    }

    private static boolean pairs(Held held) {
        return held.state() instanceof SignIn.MustEnrol must && must.kind() == FactorKind.PUSH;
    }

    private static boolean isWished(Held held) {
        return held.state()
                .heading()
                .target()
                .wish()
                .filter(wish -> wish == Target.Wish.PAIR_PHONE)
                .isPresent();
    }
}
