package dev.countersign.api;

import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Operation;
import dev.countersign.web.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What every administrator is to see, until they say that they have. */
@RestController
final class AlertApi {
    private static final int MOST = 200;

    private final Alerts alerts;
    private final Clock clock;

    AlertApi(Alerts alerts, Clock clock) {
        this.alerts = alerts;
        this.clock = clock;
    }

    /**
     * Something to see.
     *
     * @param kind such as {@code reset-on-server} or {@code rule-lowered}
     * @param arguments who did it, then to whom or what
     */
    record AlertView(String id, String kind, List<String> arguments, Instant at) {}

    /**
     * What whoever asks has not acknowledged, the newest first.
     *
     * @param total how many there are; the newest 200 are shown
     */
    record AlertList(List<AlertView> items, long total) {}

    @GetMapping("/api/v1/alerts")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation("What was done at the server's command line or lowers protection, and the caller has not acknowledged.")
    AlertList listAlerts(HttpServletRequest request) {
        Account caller = ApiCaller.of(request).account();
        return new AlertList(
                alerts.unacknowledged(caller.environment(), caller.id(), MOST).stream()
                        .map(AlertApi::view)
                        .toList(),
                alerts.countUnacknowledged(caller.environment(), caller.id()));
    }

    private static AlertView view(Alert alert) {
        return new AlertView(alert.id(), Scopes.wireName(alert.kind()), alert.arguments(), alert.at());
    }

    @PostMapping("/api/v1/alerts/{id}/acknowledge")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation("Say that the caller has seen an alert.")
    void acknowledgeAlert(@PathVariable("id") String id, HttpServletRequest request) {
        Account caller = ApiCaller.of(request).account();
        String alert = Identifiers.find(id).orElseThrow(Refusal::notFound);
        alerts.acknowledge(caller.environment(), caller.id(), alert, clock.instant());
    }

    @PostMapping("/api/v1/alerts/acknowledge")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation("Say that the caller has seen all alerts there are.")
    void acknowledgeAlerts(HttpServletRequest request) {
        Account caller = ApiCaller.of(request).account();
        alerts.acknowledgeAll(caller.environment(), caller.id(), clock.instant());
    }
}
