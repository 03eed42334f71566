package dev.countersign.console;

import dev.countersign.administration.BulkAction;
import dev.countersign.administration.BulkJobs;
import dev.countersign.administration.Selection;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Groups;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.people.Companion;
import dev.countersign.people.Readiness;
import dev.countersign.people.ReadinessExport;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** The readiness report: who could not sign in any more, before a requirement is switched on. */
@Controller
final class ReadinessPages {
    private static final int PAGE_SIZE = 50;
    private static final String ADDRESS = "/console/readiness";

    private final Readiness readiness;
    private final ReadinessExport export;
    private final Policies policies;
    private final Accounts accounts;
    private final Groups groups;
    private final Coverage coverage;
    private final BulkJobs jobs;
    private final Clock clock;

    ReadinessPages(
            Readiness readiness,
            ReadinessExport export,
            Policies policies,
            Accounts accounts,
            Groups groups,
            Coverage coverage,
            BulkJobs jobs,
            Clock clock) {
        this.readiness = readiness;
        this.export = export;
        this.policies = policies;
        this.accounts = accounts;
        this.groups = groups;
        this.coverage = coverage;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** The rules a report is about: those of the address, or required for everyone. */
    private record Asked(Rules rules, SecurityForm form) {}

    @GetMapping(ADDRESS)
    @Access(
            value = Access.Level.CONSOLE,
            needs = {Permission.VIEW_SETTINGS, Permission.VIEW_PEOPLE})
    ModelAndView show(
            @ModelAttribute SecurityForm form,
            @RequestParam(name = "verdict", defaultValue = "") String verdictName,
            @RequestParam(name = "companion", defaultValue = "") String companionName,
            @RequestParam(name = "after", defaultValue = "") String after,
            HttpServletRequest request,
            Locale locale) {
        Environment environment = RequestFacts.of(request).environment();
        EnvironmentId id = environment.id();
        Instant now = clock.instant();
        Asked asked = asked(environment, form, now);
        Readiness.Wanted wanted = wanted(verdictName, companionName);
        List<Readiness.Line> found = readiness.lines(id, asked.rules(), wanted, cut(after), PAGE_SIZE + 1, now);
        List<Readiness.Line> shown = found.subList(0, Math.min(PAGE_SIZE, found.size()));
        Map<String, Object> model = new HashMap<>();
        model.put("summary", readiness.summary(id, asked.rules(), now));
        model.put("sentence", coverage.sentence(id, asked.rules(), now, locale));
        model.put("lines", shown);
        model.put("verdict", wanted.verdict().map(Readiness.Verdict::wireName).orElse(""));
        model.put("companion", wanted.companion().map(Companion::wireName).orElse(""));
        model.put("verdicts", List.of(Readiness.Verdict.values()));
        model.put("scope", asked.form().isSelected() ? "SELECTED" : "EVERYONE");
        model.put("groups", choices(id, asked.form()));
        model.put("peopleText", asked.form().peopleText());
        model.put("form", asked.form());
        model.put(
                "mayWrite",
                BulkAction.Kind.REMIND.isAllowed(SignedIn.of(request).rights()));
        model.put("base", address(asked.form(), Readiness.Wanted.ALL, ADDRESS));
        model.put("csv", address(asked.form(), wanted, ADDRESS + ".csv"));
        model.put("json", address(asked.form(), wanted, ADDRESS + ".json"));
        if (found.size() > PAGE_SIZE) {
            model.put(
                    "next",
                    address(asked.form(), wanted, ADDRESS) + "&after="
                            + java.net.URLEncoder.encode(
                                    readiness.keyAfter(id, shown.getLast()), java.nio.charset.StandardCharsets.UTF_8));
        }
        return new ModelAndView("console/readiness", model);
    }

    private static String cut(String text) {
        return text.length() > 300 ? text.substring(0, 300) : text;
    }

    /** The whole report as a file. */
    @GetMapping({ADDRESS + ".csv", ADDRESS + ".json"})
    @Access(
            value = Access.Level.CONSOLE,
            needs = {Permission.VIEW_SETTINGS, Permission.VIEW_PEOPLE})
    void download(
            @ModelAttribute SecurityForm form,
            @RequestParam(name = "verdict", defaultValue = "") String verdictName,
            @RequestParam(name = "companion", defaultValue = "") String companionName,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Rules rules = asked(environment, form, now).rules();
        Readiness.Wanted wanted = wanted(verdictName, companionName);
        if (request.getRequestURI().endsWith(".csv")) {
            attach(response, "text/csv;charset=utf-8", "readiness-report.csv");
            export.csv(environment.id(), rules, wanted, now, response.getOutputStream());
        } else {
            attach(response, MediaType.APPLICATION_JSON_VALUE, "readiness-report.json");
            export.json(environment.id(), rules, wanted, now, response.getOutputStream());
        }
    }

    private static void attach(HttpServletResponse response, String type, String name) {
        response.setContentType(type);
        response.setHeader(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"");
    }

    /** Chooses those of the report for a reminder or an invitation by mail; they are confirmed on the next page. */
    @PostMapping(ADDRESS)
    @Access(
            value = Access.Level.CONSOLE,
            needs = {Permission.VIEW_SETTINGS, Permission.VIEW_PEOPLE})
    ModelAndView write(
            @ModelAttribute SecurityForm form,
            @RequestParam(name = "verdict", defaultValue = "") String verdictName,
            @RequestParam(name = "companion", defaultValue = "") String companionName,
            @RequestParam(name = "action", defaultValue = "") String action,
            HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Selection selection =
                new Selection.Covered(asked(environment, form, now).rules(), wanted(verdictName, companionName));
        BulkAction.Kind kind = BulkAction.Kind.ofWireName(action)
                .filter(BulkAction.Kind::isLetter)
                .orElse(BulkAction.Kind.REMIND);
        if (!kind.isAllowed(SignedIn.of(request).rights())) {
            throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        }
        return jobs.prepare(Acting.of(SignedIn.of(request), RequestFacts.of(request)), selection, kind, now)
                .fold(
                        run -> Redirects.to("/console/jobs/" + run.id()),
                        why -> Redirects.to(ADDRESS + "?problem=admin-" + why.wireName()));
    }

    private Asked asked(Environment environment, SecurityForm form, Instant now) {
        Rules current = policies.rules(environment.id(), now);
        if (form.scope() == null) {
            Rules shown = current.mode() == Rules.Mode.REQUIRED
                    ? current
                    : new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), current.version());
            return new Asked(shown, SecurityForm.of(shown, environment.style(), policies));
        }
        SecurityForm draft = new SecurityForm(
                Rules.Mode.REQUIRED.name(),
                form.scope(),
                form.groups(),
                form.people(),
                SignInStyle.TWO_SCREENS.name(),
                "0",
                "");
        return switch (draft.read(environment.id(), accounts, groups)) {
            case SecurityForm.Read.Valid(Rules rules, SignInStyle _) -> new Asked(rules, draft);
            case SecurityForm.Read.Problem _ ->
                new Asked(
                        new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 0),
                        new SecurityForm(null, "EVERYONE", List.of(), "", null, null, null));
        };
    }

    private List<SecurityPages.GroupChoice> choices(EnvironmentId environment, SecurityForm form) {
        HashSet<String> chosen = new HashSet<>(form.groupTexts());
        return groups.all(environment).stream()
                .map(group -> new SecurityPages.GroupChoice(
                        group.id().value(),
                        group.name(),
                        group.members(),
                        chosen.contains(group.id().value())))
                .toList();
    }

    private static Readiness.Wanted wanted(String verdict, String companion) {
        return new Readiness.Wanted(Readiness.Verdict.ofWireName(verdict), Companion.ofWireName(companion));
    }

    private static String address(SecurityForm form, Readiness.Wanted wanted, String path) {
        UriComponentsBuilder address =
                UriComponentsBuilder.fromPath(path).queryParam("scope", form.isSelected() ? "SELECTED" : "EVERYONE");
        form.groupTexts().forEach(group -> address.queryParam("groups", group));
        if (!form.peopleText().isBlank()) {
            address.queryParam("people", "{people}");
        }
        wanted.verdict().ifPresent(one -> address.queryParam("verdict", one.wireName()));
        wanted.companion().ifPresent(one -> address.queryParam("companion", one.wireName()));
        return address.encode()
                .buildAndExpand(Map.of("people", form.peopleText()))
                .toUriString();
    }
}
