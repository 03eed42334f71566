package dev.countersign.console;

import dev.countersign.administration.Outcome;
import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** When phones are asked beyond what the rules demand: for everyone, and for groups. */
@Controller
final class ApprovalRulePages {
    private static final String EDIT = "/console/security/approval";

    private final ApprovalRules rules;
    private final ApprovalShown shown;
    private final SecurityAdministration administration;
    private final Groups groups;
    private final FreshFactor fresh;
    private final Clock clock;

    ApprovalRulePages(
            ApprovalRules rules,
            ApprovalShown shown,
            SecurityAdministration administration,
            Groups groups,
            FreshFactor fresh,
            Clock clock) {
        this.rules = rules;
        this.shown = shown;
        this.administration = administration;
        this.groups = groups;
        this.fresh = fresh;
        this.clock = clock;
    }

    @GetMapping(EDIT)
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView edit(HttpServletRequest request) {
        ApprovalRuleForm form = request.getParameter("version") == null
                ? ApprovalRuleForm.of(rules.of(environment(request)))
                : ApprovalRuleForm.read(request::getParameterValues);
        return editPage(environment(request), form);
    }

    /** Shows what would change, and for how many people. */
    @PostMapping(EDIT)
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView review(HttpServletRequest request) {
        ApprovalRuleForm form = ApprovalRuleForm.read(request::getParameterValues);
        if (!fresh.isShown(request)) {
            return FreshFactor.ask(form.address(EDIT));
        }
        EnvironmentId environment = environment(request);
        Optional<ApprovalRules.All> then = form.rules();
        if (then.isEmpty()) {
            return wrong(environment, form);
        }
        Instant now = clock.instant();
        ApprovalRules.All before = rules.of(environment);
        Map<String, Object> model = new HashMap<>();
        model.put("form", form);
        model.put("before", shown.of(environment, before));
        model.put("after", shown.of(environment, then.get()));
        model.put("askedBefore", shown.asked(environment, before, now));
        model.put("asked", shown.asked(environment, then.get(), now));
        return new ModelAndView("console/security-approval-confirm", model);
    }

    @PostMapping(EDIT + "/confirm")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView confirm(HttpServletRequest request) {
        ApprovalRuleForm form = ApprovalRuleForm.read(request::getParameterValues);
        if (!fresh.isShown(request)) {
            return FreshFactor.ask(form.address(EDIT));
        }
        Optional<ApprovalRules.All> then = form.rules();
        if (then.isEmpty()) {
            return wrong(environment(request), form);
        }
        Outcome<Outcome.Nothing> outcome = administration.changeApproval(
                Acting.of(SignedIn.of(request), RequestFacts.of(request)), then.get(), clock.instant());
        return Redirects.to(outcome.fold(
                _ -> "/console/security?notice=saved", why -> "/console/security?problem=admin-" + why.wireName()));
    }

    private ModelAndView wrong(EnvironmentId environment, ApprovalRuleForm form) {
        ModelAndView page = editPage(environment, form);
        page.addObject("problem", "problem.approval-rule");
        page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    private ModelAndView editPage(EnvironmentId environment, ApprovalRuleForm form) {
        Map<GroupId, String> names = shown.names(environment);
        Map<String, String> byId = new HashMap<>();
        names.forEach((id, name) -> byId.put(id.value(), name));
        Map<String, Object> model = new HashMap<>();
        model.put("form", form);
        model.put("names", byId);
        model.put(
                "choices",
                groups.names(environment).stream()
                        .filter(name -> form.groups().stream()
                                .noneMatch(row -> row.group().equals(name.id().value())))
                        .toList());
        return new ModelAndView("console/security-approval", model);
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }
}
