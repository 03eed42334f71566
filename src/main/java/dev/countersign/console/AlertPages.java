package dev.countersign.console;

import dev.countersign.alert.Alerts;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Target;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The alerts above every page of the console, once an administrator has seen them. */
@Controller
final class AlertPages {

    private final Alerts alerts;
    private final Clock clock;

    AlertPages(Alerts alerts, Clock clock) {
        this.alerts = alerts;
        this.clock = clock;
    }

    /** Without an id, all of them. */
    @PostMapping("/console/alerts/acknowledge")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView acknowledge(
            @RequestParam(name = "id", defaultValue = "") String id,
            @RequestParam(name = "return", defaultValue = "") String back,
            HttpServletRequest request) {
        SignedIn person = SignedIn.of(request);
        if (id.isEmpty()) {
            alerts.acknowledgeAll(
                    person.account().environment(), person.account().id(), clock.instant());
        } else if (Identifiers.isOne(id)) {
            alerts.acknowledge(person.account().environment(), person.account().id(), id, clock.instant());
        }
        boolean console = Target.isLocalPath(back) && (back.equals("/console") || back.startsWith("/console/"));
        return Redirects.to(console ? back : "/console");
    }
}
