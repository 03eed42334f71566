package dev.countersign.api;

import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Groups;
import dev.countersign.factor.companion.Confirmation;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** When phones are asked beyond what the rules demand. */
@RestController
final class ApprovalRuleApi {
    private static final int MOST_GROUPS = 100;

    private final ApprovalRules rules;
    private final Groups groups;
    private final SecurityAdministration administration;
    private final Clock clock;

    ApprovalRuleApi(ApprovalRules rules, Groups groups, SecurityAdministration administration, Clock clock) {
        this.rules = rules;
        this.groups = groups;
        this.administration = administration;
        this.clock = clock;
    }

    /**
     * When the phone of somebody is asked.
     *
     * @param mode {@code off}, {@code random} or {@code always}
     * @param share of a hundred days, 1 to 100; 20 when it is left out
     * @param longestHours after which time without an approval one is asked in any case, 1 to 2,160; 168 when it is left out
     */
    record ApprovalRuleView(
            String mode, @Nullable Integer share, @Nullable Integer longestHours) {}

    /** What holds for the members of a group instead; of several groups the strictest. */
    record GroupApprovalView(String group, ApprovalRuleView rule) {}

    /**
     * When phones are asked.
     *
     * @param confirmation {@code number}, {@code code}, or {@code tap}, which is weaker
     * @param version also in the header ETag; a change sends it back as If-Match
     */
    record ApprovalPolicyView(
            ApprovalRuleView everyone, List<GroupApprovalView> groups, String confirmation, long version) {}

    /** The same, as it is to be; without a confirmation that stays. */
    record ApprovalPolicyChange(
            ApprovalRuleView everyone,
            @Nullable List<GroupApprovalView> groups,
            @Nullable String confirmation) {}

    @GetMapping("/api/v1/policy/approval")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("When phones are asked beyond what the rules demand.")
    ResponseEntity<ApprovalPolicyView> getApprovalPolicy(HttpServletRequest request) {
        ApprovalRules.All all = rules.of(environment(request));
        List<GroupApprovalView> own = all.groups().entrySet().stream()
                .map(entry -> new GroupApprovalView(entry.getKey().value(), view(entry.getValue())))
                .sorted(java.util.Comparator.comparing(GroupApprovalView::group))
                .toList();
        ApprovalPolicyView view = new ApprovalPolicyView(
                view(all.everyone()), own, all.confirmation().toLowerCase(java.util.Locale.ROOT), all.version());
        return ResponseEntity.ok().eTag(Long.toString(all.version())).body(view);
    }

    private static ApprovalRuleView view(ApprovalRule rule) {
        return new ApprovalRuleView(
                Scopes.wireName(rule.mode()), rule.share(), (int) rule.longest().toHours());
    }

    @PutMapping(path = "/api/v1/policy/approval", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value = "Change when phones are asked, if it still has the version in If-Match.",
            problems = {
                ProblemType.VERSION_CHANGED,
                ProblemType.PRECONDITION_REQUIRED,
                ProblemType.INVALID_VALUE,
                ProblemType.NOT_ENTITLED,
                ProblemType.LAST_ADMINISTRATOR
            })
    ResponseEntity<ApprovalPolicyView> changeApprovalPolicy(
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody ApprovalPolicyChange body,
            HttpServletRequest request) {
        long version = PolicyApi.version(ifMatch);
        EnvironmentId environment = environment(request);
        List<GroupApprovalView> own = Optional.ofNullable(body.groups()).orElse(List.of());
        if (own.size() > MOST_GROUPS) {
            throw Refusal.of(ProblemType.INVALID_VALUE, "groups", "groups names at most " + MOST_GROUPS + " groups.");
        }
        Map<GroupId, ApprovalRule> ofGroups = new HashMap<>();
        own.forEach(one -> ofGroups.put(group(environment, one.group()), rule(Bodies.required("rule", one.rule()))));
        String confirmation = Optional.ofNullable(body.confirmation())
                .map(ApprovalRuleApi::confirmation)
                .orElseGet(() -> rules.of(environment).confirmation());
        ApprovalRules.All all = new ApprovalRules.All(
                rule(Bodies.required("everyone", body.everyone())), ofGroups, confirmation, version);
        Outcomes.done(administration.changeApproval(Outcomes.by(ApiCaller.of(request)), all, clock.instant()));
        return getApprovalPolicy(request);
    }

    private GroupId group(EnvironmentId environment, @Nullable String id) {
        return Identifiers.find(Bodies.required("group", id))
                .map(GroupId::new)
                .filter(one -> groups.find(environment, one).isPresent())
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "groups", "There is no such group."));
    }

    private static ApprovalRule rule(ApprovalRuleView view) {
        ApprovalRule.Mode mode = Stream.of(ApprovalRule.Mode.values())
                .filter(one -> Scopes.wireName(one).equals(view.mode()))
                .findFirst()
                .orElseThrow(() -> Refusal.of(ProblemType.INVALID_VALUE, "mode", "mode is off, random or always"));
        int share = Optional.ofNullable(view.share()).orElse(ApprovalRule.INITIAL.share());
        long hours = Optional.ofNullable(view.longestHours())
                .map(Integer::longValue)
                .orElse(ApprovalRule.INITIAL.longest().toHours());
        if (share < 1 || share > 100) {
            throw Refusal.of(ProblemType.INVALID_VALUE, "share", "share is 1 to 100 of a hundred days");
        }
        if (hours < 1 || hours > ApprovalRule.LONGEST.toHours()) {
            throw Refusal.of(ProblemType.INVALID_VALUE, "longestHours", "longestHours is 1 to 2160");
        }
        return new ApprovalRule(mode, share, Duration.ofHours(hours));
    }

    private static String confirmation(String typed) {
        return Stream.of(Confirmation.values())
                .filter(one -> one.wireName().equals(typed))
                .findFirst()
                .map(Confirmation::name)
                .orElseThrow(() ->
                        Refusal.of(ProblemType.INVALID_VALUE, "confirmation", "confirmation is number, code or tap"));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }
}
