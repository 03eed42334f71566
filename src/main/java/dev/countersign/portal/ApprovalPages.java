package dev.countersign.portal;

import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.kernel.FactorKind;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** The browser's side of an approval: it shows the digits, waits, and goes on when the phone has said OK. */
@Controller
final class ApprovalPages {
    /** How long a stream outlives what it waits for, so that the browser looks at the page when that is over. */
    static final Duration AFTER = Duration.ofSeconds(2);

    private final SignInService signIns;
    private final SignInReplies replies;
    private final Events events;
    private final Clock clock;

    ApprovalPages(SignInService signIns, SignInReplies replies, Events events, Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.events = events;
        this.clock = clock;
    }

    @GetMapping("/sign-in/approval")
    @Access(Access.Level.SIGN_IN)
    ModelAndView waiting(HttpServletRequest request) {
        Optional<Held> held = replies.held(request);
        if (held.filter(each -> Screens.asksPhones(each.state())).isEmpty()) {
            return held.isEmpty() ? SignInReplies.gone(request) : SignInReplies.elsewhere(held.get(), request);
        }
        Instant now = clock.instant();
        Optional<Approval> asked = signIns.approval(held.get());
        Map<String, Object> model = new HashMap<>();
        model.put("username", held.get().state().heading().shownName());
        model.put("state", asked.map(each -> each.stateAt(now).wireName()).orElse("held-back"));
        model.put("digits", asked.map(Approval::digits).orElse(""));
        model.put(
                "secondsLeft",
                asked.map(each -> Math.max(
                                0, Duration.between(now, each.expiresAt()).toSeconds()))
                        .orElse(0L));
        model.put("codeOffered", offers(held.get(), FactorKind.TOTP));
        model.put("recoveryOffered", offers(held.get(), FactorKind.RECOVERY));
        model.put("refreshSeconds", 5);
        return new ModelAndView("portal/approval", model);
    }

    @PostMapping("/sign-in/approval")
    @Access(Access.Level.SIGN_IN)
    ModelAndView goOn(HttpServletRequest request, HttpServletResponse response) {
        Step step = replies.held(request)
                .map(held -> signIns.goOn(held, replies.caller(request, response), clock.instant()))
                .orElseGet(Step.Gone::new);
        if (step instanceof Step.At(Held still) && Screens.asksPhones(still.state())) {
            return Redirects.to(Screens.APPROVAL + "?problem=approval-not-yet");
        }
        return replies.reply(step, Screens.APPROVAL, "approval-not-yet", request, response);
    }

    @PostMapping("/sign-in/approval/again")
    @Access(Access.Level.SIGN_IN)
    ModelAndView again(HttpServletRequest request, HttpServletResponse response) {
        Optional<Held> held = replies.held(request);
        if (held.isEmpty()) {
            return SignInReplies.gone(request);
        }
        Optional<Approvals.Asked> asked =
                signIns.askAgain(held.get(), replies.caller(request, response), clock.instant());
        boolean heldBack =
                asked.filter(Approvals.Asked.HeldBack.class::isInstance).isPresent();
        return heldBack
                ? Redirects.to(Screens.APPROVAL + "?problem=approval-held-back")
                : SignInReplies.elsewhere(held.get(), request);
    }

    /** Server-sent events: one, {@code decided}, when there is something new to see. */
    @GetMapping(path = "/sign-in/approval/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Access(Access.Level.SIGN_IN)
    void events(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException {
        Optional<Approval> asked = replies.held(request).flatMap(signIns::approval);
        if (asked.isEmpty()) {
            Events.none(response);
            return;
        }
        Approval approval = asked.get();
        events.answer(
                request,
                response,
                approval.id().value(),
                approval.expiresAt().plus(AFTER),
                () -> signIns.approvalState(approval.id(), clock.instant())
                        .filter(state -> state != Approval.State.OPEN)
                        .map(Approval.State::wireName));
    }

    private static boolean offers(Held held, FactorKind kind) {
        return held.state() instanceof SignIn.Asked asked && asked.offer().contains(kind);
    }
}
