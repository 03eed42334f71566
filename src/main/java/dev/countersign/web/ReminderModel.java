package dev.countersign.web;

import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.kernel.Permission;
import dev.countersign.session.Notice;
import dev.countersign.session.Notices;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
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
    private final Clock clock;

    ReminderModel(Notices notices, Alerts alerts, Clock clock) {
        this.notices = notices;
        this.alerts = alerts;
        this.clock = clock;
    }

    /** A reminder as a page shows it. */
    record Reminder(String kind, String key, @Nullable Instant at) {}

    /** An alert as a page shows it. */
    record Shown(String id, String key, Object[] arguments, Instant at) {}

    @ModelAttribute
    void add(HttpServletRequest request, Model model) {
        Optional<SignedIn> person =
                SignedIn.find(request).filter(_ -> request.getMethod().equals("GET"));
        model.addAttribute("reminders", person.map(this::reminders).orElse(List.of()));
        Optional<SignedIn> alerted = person.filter(_ -> request.getRequestURI().startsWith("/console"))
                .filter(one -> one.rights().may(Permission.EDIT_PEOPLE));
        List<Shown> shown = alerted.map(this::alerts).orElse(List.of());
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

    private List<Shown> alerts(SignedIn person) {
        return alerts
                .unacknowledged(person.account().environment(), person.account().id(), ALERTS_SHOWN)
                .stream()
                .map(ReminderModel::shown)
                .toList();
    }

    private static Shown shown(Alert alert) {
        return new Shown(alert.id(), alert.messageKey(), alert.arguments().toArray(), alert.at());
    }
}
