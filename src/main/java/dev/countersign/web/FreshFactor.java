package dev.countersign.web;

import dev.countersign.kernel.Target;
import dev.countersign.session.Admission;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriUtils;

/** The second factor, shown a short while ago: for what takes more in the console than an open browser. */
@Component
public final class FreshFactor {
    private final Admission admission;
    private final Clock clock;

    FreshFactor(Admission admission, Clock clock) {
        this.admission = admission;
        this.clock = clock;
    }

    public boolean isShown(HttpServletRequest request) {
        return admission.isFresh(SignedIn.of(request).session(), Target.CONSOLE, clock.instant());
    }

    /** Asks for it once more, and comes back to this page; without what it would show where an address would be too long. */
    public static ModelAndView ask(String back) {
        return Redirects.to(address(back));
    }

    static String address(String back) {
        String to = Target.isLocalPath(back) ? back : back.replaceFirst("\\?.*", "");
        return "/sign-in/confirm?to="
                + UriUtils.encodeQueryParam(to, StandardCharsets.UTF_8).replace("+", "%2B");
    }
}
