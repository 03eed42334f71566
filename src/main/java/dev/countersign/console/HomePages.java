package dev.countersign.console;

import dev.countersign.diagnosis.Diagnosis;
import dev.countersign.directory.Environment;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.figures.Day;
import dev.countersign.figures.Figures;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeopleOverview;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.PersonStatus;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyVersion;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

/** The console's first page: is two-factor authentication on, who has it, what happened, what needs attention. */
@Controller
final class HomePages {
    private static final int PEOPLE_SHOWN = 5;
    private static final int VERSIONS_SEARCHED = 50;

    private final Policies policies;
    private final People people;
    private final Figures figures;
    private final Entitlements entitlements;
    private final Coverage coverage;
    private final Diagnosis diagnosis;
    private final Clock clock;

    HomePages(
            Policies policies,
            People people,
            Figures figures,
            Entitlements entitlements,
            Coverage coverage,
            Diagnosis diagnosis,
            Clock clock) {
        this.policies = policies;
        this.people = people;
        this.figures = figures;
        this.entitlements = entitlements;
        this.coverage = coverage;
        this.diagnosis = diagnosis;
        this.clock = clock;
    }

    /** Something to look at. {@code key} is its sentence, {@code address} where more of it is seen. */
    record Warning(String key, String address) {}

    /** How many people have a status. */
    record Share(String status, long people) {}

    @GetMapping("/console")
    @Access(value = Access.Level.CONSOLE)
    ModelAndView home(HttpServletRequest request, Locale locale) {
        SignedIn person = SignedIn.of(request);
        if (!person.rights().may(Permission.VIEW_SETTINGS)) {
            return Redirects.to(person.rights().may(Permission.VIEW_PEOPLE) ? "/console/people" : "/account");
        }
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Rules rules = policies.rules(environment.id(), now);
        PeopleOverview overview = people.overview(environment.id(), now);
        List<Day> days = figures.lastDays(environment.id(), now);
        Map<String, Object> model = new HashMap<>();
        model.put("mode", rules.mode());
        model.put("summary", coverage.sentence(environment.id(), rules, now, locale));
        model.put("mayEdit", person.rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        model.put("toggle", SecurityForm.of(toggled(environment.id(), rules), environment.style(), policies));
        model.put("shares", shares(overview.statuses()));
        model.put("total", overview.total());
        model.put("kept", overview.countedAt().isBefore(now));
        model.put("drawing", Drawing.of(days));
        model.put("days", days.reversed());
        model.put("licence", entitlements.status(environment.id(), overview.seats(), now));
        model.put("start", policies.planned(environment.id(), now).orElse(null));
        model.put("mustEnrol", mustEnrol(environment.id(), now));
        model.put("mustEnrolCount", overview.statuses().getOrDefault(PersonStatus.MUST_ENROL, 0L));
        model.put("warnings", warnings(environment, now));
        return new ModelAndView("console/home", model);
    }

    /** What a click on the status bar asks for: off when it is on, and when it is not, what was required last. */
    private Rules toggled(EnvironmentId environment, Rules rules) {
        if (rules.mode() == Rules.Mode.REQUIRED) {
            return new Rules(Rules.Mode.OFF, new Rules.Scope.Everyone(), rules.version());
        }
        Rules.Scope scope = policies.versions(environment, VERSIONS_SEARCHED).stream()
                .map(PolicyVersion::rules)
                .filter(version -> version.mode() == Rules.Mode.REQUIRED)
                .map(Rules::scope)
                .findFirst()
                .orElse(new Rules.Scope.Everyone());
        return new Rules(Rules.Mode.REQUIRED, scope, rules.version());
    }

    private static List<Share> shares(Map<PersonStatus, Long> counts) {
        Set<PersonStatus> shown = EnumSet.copyOf(List.of(PersonStatus.values()));
        return shown.stream()
                .map(status -> new Share(status.wireName(), counts.getOrDefault(status, 0L)))
                .filter(share -> share.people() > 0)
                .toList();
    }

    private List<String> mustEnrol(EnvironmentId environment, Instant now) {
        return people
                .list(
                        environment,
                        PeopleFilter.EVERYONE.withStatus(PersonStatus.MUST_ENROL),
                        PeopleSort.NAME,
                        Optional.empty(),
                        PEOPLE_SHOWN,
                        now)
                .people()
                .stream()
                .map(one -> one.displayName())
                .toList();
    }

    /** What the server itself finds worth looking at, with where it is put right. */
    private List<Warning> warnings(Environment environment, Instant now) {
        return diagnosis.warnings(environment, now).stream()
                .map(finding -> new Warning(
                        "finding." + finding.code(),
                        switch (finding.subject()) {
                            case EXEMPTIONS -> "/console/people?status=exempt";
                            case MAIL -> "/console/mail";
                            case ADMINISTRATORS -> "/console/people?role=administrator";
                            case SETTINGS, CLOCK, KEYS, DATABASE, DISK, PROXIES, CERTIFICATE, LOG ->
                                "/console/activity";
                        }))
                .toList();
    }
}
