package dev.countersign.api;

import dev.countersign.diagnosis.Diagnosis;
import dev.countersign.diagnosis.Finding;
import dev.countersign.figures.Day;
import dev.countersign.figures.Figures;
import dev.countersign.kernel.Permission;
import dev.countersign.people.People;
import dev.countersign.people.PersonStatus;
import dev.countersign.web.Access;
import dev.countersign.web.Operation;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the first page of the console shows: who has a second factor, what happened, what needs attention. */
@RestController
final class OverviewApi {
    private final People people;
    private final Figures figures;
    private final Diagnosis diagnosis;
    private final Clock clock;

    OverviewApi(People people, Figures figures, Diagnosis diagnosis, Clock clock) {
        this.people = people;
        this.figures = figures;
        this.diagnosis = diagnosis;
        this.clock = clock;
    }

    /** A day, UTC: completed sign-ins, refused ones, and at its end all people and those with a second factor. */
    record DayView(String date, long signedIn, long refused, long people, long enrolled) {}

    /** Something to look at, and what to do about it. */
    record WarningView(String subject, String level, String code, String text, String advice) {}

    /**
     * The overview.
     *
     * @param people how many people have each two-factor status
     * @param days the last 30, the oldest first
     * @param warnings what an administrator should do something about
     */
    record OverviewView(Map<String, Long> people, List<DayView> days, List<WarningView> warnings) {}

    @GetMapping("/api/v1/overview")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("Who has a second factor, sign-ins and refusals of the last 30 days, and open warnings.")
    OverviewView getOverview(HttpServletRequest request) {
        var environment = RequestFacts.of(request).environment();
        var now = clock.instant();
        Map<String, Long> statuses = new TreeMap<>();
        for (PersonStatus status : PersonStatus.values()) {
            statuses.put(status.wireName(), 0L);
        }
        people.overview(environment.id(), now)
                .statuses()
                .forEach((status, count) -> statuses.put(status.wireName(), count));
        return new OverviewView(
                statuses,
                figures.lastDays(environment.id(), now).stream()
                        .map(OverviewApi::view)
                        .toList(),
                diagnosis.warnings(environment, now).stream()
                        .map(OverviewApi::view)
                        .toList());
    }

    private static DayView view(Day day) {
        return new DayView(day.date().toString(), day.signedIn(), day.refused(), day.people(), day.enrolled());
    }

    private static WarningView view(Finding finding) {
        return new WarningView(
                Scopes.wireName(finding.subject()),
                Scopes.wireName(finding.level()),
                finding.code(),
                finding.text(),
                finding.advice());
    }
}
