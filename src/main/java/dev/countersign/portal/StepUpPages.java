package dev.countersign.portal;

import dev.countersign.kernel.Target;
import dev.countersign.kernel.Target.Wish;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.web.Access;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * What a signed-in person starts that needs fresh proofs: another sign-in of the same flow, which asks only for what they
 * have not shown in the last minutes, and goes through the same pages.
 */
@Controller
final class StepUpPages {
    private final SignInService signIns;
    private final SignInReplies replies;
    private final Clock clock;

    StepUpPages(SignInService signIns, SignInReplies replies, Clock clock) {
        this.signIns = signIns;
        this.replies = replies;
        this.clock = clock;
    }

    @GetMapping("/sign-in/confirm")
    @Access(Access.Level.SESSION)
    ModelAndView confirm(
            @RequestParam(name = "to", required = false) String to,
            HttpServletRequest request,
            HttpServletResponse response) {
        return resume(Target.ofPath(Optional.ofNullable(to)).wishing(Wish.CONFIRM), request, response);
    }

    @PostMapping("/account/app")
    @Access(Access.Level.SESSION)
    ModelAndView setUpApp(HttpServletRequest request, HttpServletResponse response) {
        return resume(account("app-set-up").wishing(Wish.SET_UP_APP), request, response);
    }

    @PostMapping("/account/phones/pair")
    @Access(Access.Level.SESSION)
    ModelAndView pairPhone(HttpServletRequest request, HttpServletResponse response) {
        return resume(account("phone-paired").wishing(Wish.PAIR_PHONE), request, response);
    }

    @PostMapping("/account/recovery-code")
    @Access(Access.Level.SESSION)
    ModelAndView newRecoveryCode(HttpServletRequest request, HttpServletResponse response) {
        return resume(account("recovery-code-new").wishing(Wish.NEW_RECOVERY_CODE), request, response);
    }

    @PostMapping("/account/password")
    @Access(Access.Level.SESSION)
    ModelAndView changePassword(HttpServletRequest request, HttpServletResponse response) {
        return resume(account("password-changed").wishing(Wish.CHANGE_PASSWORD), request, response);
    }

    private static Target account(String notice) {
        return Target.ofPath(Optional.of("/account?notice=" + notice));
    }

    private ModelAndView resume(Target target, HttpServletRequest request, HttpServletResponse response) {
        SignedIn person = SignedIn.of(request);
        Step step = signIns.resume(person.session(), target, replies.caller(request, response), clock.instant());
        return replies.reply(step, Screens.START, "sign-in-failed", request, response);
    }
}
