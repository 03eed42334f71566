package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.AutomaticStart;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** Requiring two-factor authentication some time after an event. */
@Controller
final class AutomaticStartPages {
    private static final String ADDRESS = "/console/security/start";

    private final Policies policies;
    private final SecurityAdministration administration;
    private final Groups groups;
    private final Coverage coverage;
    private final FreshFactor fresh;
    private final Clock clock;

    AutomaticStartPages(
            Policies policies,
            SecurityAdministration administration,
            Groups groups,
            Coverage coverage,
            FreshFactor fresh,
            Clock clock) {
        this.policies = policies;
        this.administration = administration;
        this.groups = groups;
        this.coverage = coverage;
        this.fresh = fresh;
        this.clock = clock;
    }

    /** What the form sends, as typed. */
    record Form(
            @Nullable String event,
            @Nullable String delayHours,
            @Nullable String scope,
            @Nullable List<String> groups) {}

    @GetMapping(ADDRESS)
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_SETTINGS)
    ModelAndView show(@ModelAttribute Form typed, HttpServletRequest request, Locale locale) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Optional<AutomaticStart> start = policies.automaticStart(environment);
        Form stored =
                start.map(AutomaticStartPages::form).orElse(new Form("customer.paid", "24", "EVERYONE", List.of()));
        return page(environment, typed.event() == null ? stored : typed, request, locale);
    }

    private ModelAndView page(EnvironmentId environment, Form form, HttpServletRequest request, Locale locale) {
        Optional<AutomaticStart> start = policies.automaticStart(environment);
        Map<String, Object> model = new HashMap<>();
        model.put("start", start.orElse(null));
        model.put("event", Optional.ofNullable(form.event()).orElse(""));
        model.put("delayHours", Optional.ofNullable(form.delayHours()).orElse(""));
        model.put("selected", "SELECTED".equals(form.scope()));
        model.put("groups", choices(environment, form));
        model.put("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        start.ifPresent(one -> {
            Rules rules = new Rules(Rules.Mode.REQUIRED, one.scope(), 0);
            model.put("sentence", coverage.sentence(environment, rules, clock.instant(), locale));
            one.startsAt()
                    .ifPresent(at -> model.put(
                            "startsAtLocal",
                            LocalDateTime.ofInstant(at, ZoneOffset.UTC).truncatedTo(ChronoUnit.MINUTES)));
        });
        return new ModelAndView("console/security-start", model);
    }

    private List<SecurityPages.GroupChoice> choices(EnvironmentId environment, Form form) {
        List<String> chosen = Optional.ofNullable(form.groups()).orElse(List.of());
        return groups.all(environment).stream()
                .map(group -> new SecurityPages.GroupChoice(
                        group.id().value(),
                        group.name(),
                        group.members(),
                        chosen.contains(group.id().value())))
                .toList();
    }

    private static Form form(AutomaticStart start) {
        boolean selected = start.scope() instanceof Rules.Scope.Selected;
        List<String> chosen = start.scope() instanceof Rules.Scope.Selected scope
                ? scope.groups().stream().map(GroupId::value).toList()
                : List.of();
        return new Form(
                start.event(), Long.toString(start.delay().toHours()), selected ? "SELECTED" : "EVERYONE", chosen);
    }

    /** Arms the start, in place of the one there may be. */
    @PostMapping(ADDRESS)
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView arm(@ModelAttribute Form form, HttpServletRequest request, Locale locale) {
        if (!fresh.isShown(request)) {
            return FreshFactor.ask(filled(form));
        }
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Optional<Rules.Scope> scope = scope(environment, form);
        if (scope.isEmpty()) {
            return wrong(environment, form, "problem.groups-empty", request, locale);
        }
        String event = Optional.ofNullable(form.event()).orElse("").strip();
        return administration
                .armStart(acting(request), event, delay(form), scope.get(), clock.instant())
                .fold(_ -> saved(), why -> wrong(environment, form, why.messageKey(), request, locale));
    }

    /** The page with the form as it was typed. */
    private static String filled(Form form) {
        return new PageAddress(ADDRESS)
                .with("event", text(form.event()))
                .with("delayHours", text(form.delayHours()))
                .with("scope", text(form.scope()))
                .with(
                        "groups",
                        String.join(",", Optional.ofNullable(form.groups()).orElse(List.of())))
                .toString();
    }

    private static String text(@Nullable String typed) {
        return Optional.ofNullable(typed).orElse("");
    }

    private ModelAndView wrong(
            EnvironmentId environment, Form form, String problem, HttpServletRequest request, Locale locale) {
        ModelAndView page = page(environment, form, request, locale);
        page.addObject("problem", problem);
        page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    /** The event has come. */
    @PostMapping(ADDRESS + "/event")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true, back = ADDRESS)
    ModelAndView event(@RequestParam(name = "event", defaultValue = "") String event, HttpServletRequest request) {
        return back(administration.event(acting(request), event, clock.instant()));
    }

    /** Moves the date, which is given in UTC. */
    @PostMapping(ADDRESS + "/move")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true, back = ADDRESS)
    ModelAndView move(@RequestParam(name = "at", defaultValue = "") String at, HttpServletRequest request) {
        return back(administration.moveStart(acting(request), moment(at), clock.instant()));
    }

    @PostMapping(ADDRESS + "/remove")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true, back = ADDRESS)
    ModelAndView remove(HttpServletRequest request) {
        return back(administration.disarmStart(acting(request), clock.instant()));
    }

    private static ModelAndView back(Outcome<?> outcome) {
        return outcome.fold(_ -> saved(), why -> Redirects.to(ADDRESS + "?problem=admin-" + why.wireName()));
    }

    private static ModelAndView saved() {
        return Redirects.to(ADDRESS + "?notice=saved");
    }

    private static Administrator acting(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }

    private Optional<Rules.Scope> scope(EnvironmentId environment, Form form) {
        if (!"SELECTED".equals(form.scope())) {
            return Optional.of(new Rules.Scope.Everyone());
        }
        List<String> chosen = Optional.ofNullable(form.groups()).orElse(List.of());
        Set<GroupId> ids = new HashSet<>();
        groups.all(environment).stream()
                .filter(group -> chosen.contains(group.id().value()))
                .forEach(group -> ids.add(group.id()));
        return ids.isEmpty() ? Optional.empty() : Optional.of(new Rules.Scope.Selected(ids, Set.of()));
    }

    /** A negative delay, which is refused in words, when the text is no number. */
    private static Duration delay(Form form) {
        String text = Optional.ofNullable(form.delayHours()).orElse("").strip();
        return text.matches("\\d{1,5}") ? Duration.ofHours(Long.parseLong(text)) : Duration.ofHours(-1);
    }

    private static Instant moment(String text) {
        try {
            return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }
}
