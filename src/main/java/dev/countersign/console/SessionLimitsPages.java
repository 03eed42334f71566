package dev.countersign.console;

import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Environments;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** How long people stay signed in. */
@Controller
final class SessionLimitsPages {
    private final Environments environments;
    private final SecurityAdministration administration;
    private final Clock clock;

    SessionLimitsPages(Environments environments, SecurityAdministration administration, Clock clock) {
        this.environments = environments;
        this.administration = administration;
        this.clock = clock;
    }

    /** @param longestHours in all */
    record Shown(long idleMinutes, long longestHours) {}

    /** The limits that hold: those set, or the program's own. */
    static Shown shown(Environments environments, EnvironmentId environment) {
        return environments
                .sessionLimits(environment)
                .map(limits ->
                        new Shown(limits.idle().toMinutes(), limits.longest().toHours()))
                .orElse(new Shown(60, 24));
    }

    @GetMapping("/console/security/sessions")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    ModelAndView edit(HttpServletRequest request) {
        Shown shown = shown(environments, RequestFacts.of(request).environment().id());
        return page(Long.toString(shown.idleMinutes()), Long.toString(shown.longestHours()));
    }

    @PostMapping("/console/security/sessions")
    @Access(
            value = Access.Level.CONSOLE,
            needs = Permission.EDIT_SYSTEM_SETTINGS,
            fresh = true,
            back = "/console/security/sessions")
    ModelAndView save(
            @RequestParam(name = "idle", defaultValue = "") String idle,
            @RequestParam(name = "longest", defaultValue = "") String longest,
            HttpServletRequest request) {
        return administration
                .changeSessions(
                        Acting.of(SignedIn.of(request), RequestFacts.of(request)),
                        Duration.ofMinutes(number(idle)),
                        Duration.ofHours(number(longest)),
                        clock.instant())
                .fold(_ -> Redirects.to("/console/security?notice=saved"), why -> {
                    ModelAndView page = page(idle, longest);
                    page.addObject("problem", why.messageKey());
                    page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
                    return page;
                });
    }

    private static ModelAndView page(String idle, String longest) {
        Map<String, Object> model = new HashMap<>();
        model.put("idle", idle);
        model.put("longest", longest);
        return new ModelAndView("console/security-sessions", model);
    }

    private static long number(String text) {
        return text.strip().matches("\\d{1,6}") ? Long.parseLong(text.strip()) : 0;
    }
}
