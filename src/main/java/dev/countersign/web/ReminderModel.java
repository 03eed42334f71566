package dev.countersign.web;

import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.kernel.Permission;
import dev.countersign.phrases.RuleWords;
import dev.countersign.session.Notice;
import dev.countersign.session.Notices;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What a signed-in person sees above every page until it is done: reminders, and in the console alerts. */
@ControllerAdvice(annotations = Controller.class)
final class ReminderModel {
    private static final int ALERTS_SHOWN = 3;

    private final Notices notices;
    private final Alerts alerts;
    private final RuleWords rules;
    private final Clock clock;

    ReminderModel(Notices notices, Alerts alerts, RuleWords rules, Clock clock) {
        this.notices = notices;
        this.alerts = alerts;
        this.rules = rules;
        this.clock = clock;
    }

    /** A reminder as a page shows it. */
    record Reminder(String kind, String key, @Nullable Instant at) {}

    /** An alert as a page shows it. */
    record Shown(String id, String key, Object[] arguments, Instant at) {}

    @ModelAttribute
    void add(HttpServletRequest request, Model model, Locale locale) {
        if (!PageModel.isFor(request)) {
            return;
        }
        Optional<SignedIn> person =
                SignedIn.find(request).filter(_ -> request.getMethod().equals("GET"));
        model.addAttribute("reminders", person.map(this::reminders).orElse(List.of()));
        Optional<SignedIn> alerted = person.filter(_ -> request.getRequestURI().startsWith("/console"))
                .filter(one -> one.rights().may(Permission.EDIT_PEOPLE));
        List<Shown> shown = alerted.map(one -> alerts(one, locale)).orElse(List.of());
        model.addAttribute("alerts", shown);
        model.addAttribute(
                "alertCount",
                shown.size() < ALERTS_SHOWN
                        ? shown.size()
                        : alerted.map(one -> alerts.countUnacknowledged(
                                        one.account().environment(),
                                        one.account().id()))
                                .orElse(0L));
    }

    private List<Reminder> reminders(SignedIn person) {
        return notices.of(person.account().id(), clock.instant()).stream()
                .map(ReminderModel::reminder)
                .toList();
    }

    private static Reminder reminder(Notice notice) {
        return new Reminder(notice.wireName(), notice.messageKey(), notice.at().orElse(null));
    }

    private List<Shown> alerts(SignedIn person, Locale locale) {
        return alerts
                .unacknowledged(person.account().environment(), person.account().id(), ALERTS_SHOWN)
                .stream()
                .map(alert -> shown(alert, locale))
                .toList();
    }

    /** Rules are said in the reader's words; every other argument is a name. */
    private Shown shown(Alert alert, Locale locale) {
        boolean aboutRules = alert.kind() == Alert.Kind.RULE_LOWERED || alert.kind() == Alert.Kind.APPROVAL_LOWERED;
        Object[] arguments = alert.arguments().stream()
                .map(argument -> aboutRules ? rules.of(argument, locale) : argument)
                .toArray();
        if (aboutRules && arguments.length > 0) {
            arguments[0] = alert.arguments().getFirst();
        }
        return new Shown(alert.id(), alert.messageKey(), arguments, alert.at());
    }
}
