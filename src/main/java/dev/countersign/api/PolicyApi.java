package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.people.People;
import dev.countersign.policy.Policies;
import dev.countersign.policy.PolicyVersion;
import dev.countersign.policy.Rules;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The rules: what is asked of whom, what a change would do, what they were, and the way back. */
@RestController
final class PolicyApi {
    private static final int MOST_VERSIONS = 10_000;

    private final Policies policies;
    private final Environments environments;
    private final SecurityAdministration administration;
    private final People people;
    private final Scopes scopes;
    private final Lists lists;
    private final Clock clock;

    PolicyApi(
            Policies policies,
            Environments environments,
            SecurityAdministration administration,
            People people,
            Scopes scopes,
            Lists lists,
            Clock clock) {
        this.policies = policies;
        this.environments = environments;
        this.administration = administration;
        this.people = people;
        this.scopes = scopes;
        this.lists = lists;
        this.clock = clock;
    }

    /**
     * The rules.
     *
     * @param mode {@code off}, {@code optional} or {@code required}
     * @param style {@code two-screens}, {@code one-page} or {@code identifier-first}
     * @param version also in the header ETag; a change sends it back as If-Match
     */
    record PolicyView(String mode, Scopes.ScopeView scope, String style, long version) {}

    /** New rules; without a style the sign-in page stays. */
    record PolicyChange(
            String mode,
            Scopes.@Nullable ScopeView scope,
            @Nullable String style,
            @Nullable String reason) {}

    /** What a change would do: whom it covers, and who would be led through registration at the next sign-in. */
    record PolicyPreview(long covered, long enrolled, long mustEnrol) {}

    /** What the rules were. */
    record PolicyVersionView(PolicyView policy, String reason, Instant changedAt, String changedBy) {}

    /** Why the rules go back. */
    record Return(@Nullable String reason) {}

    @GetMapping("/api/v1/policy")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("The rules that hold now.")
    ResponseEntity<PolicyView> getPolicy(HttpServletRequest request) {
        return current(environment(request));
    }

    private ResponseEntity<PolicyView> current(Environment environment) {
        Environment fresh = environments.find(environment.id()).orElseThrow();
        PolicyView view = view(policies.rules(environment.id(), clock.instant()), fresh.style());
        return ResponseEntity.ok().eTag(Long.toString(view.version())).body(view);
    }

    private static PolicyView view(Rules rules, SignInStyle style) {
        return new PolicyView(
                Scopes.wireName(rules.mode()), Scopes.view(rules.scope()), Scopes.wireName(style), rules.version());
    }

    @PostMapping(path = "/api/v1/policy/preview", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation(value = "Whom new rules would affect. Nothing changes.", problems = ProblemType.INVALID_VALUE)
    PolicyPreview previewPolicy(@RequestBody PolicyChange body, HttpServletRequest request) {
        EnvironmentId environment = environment(request).id();
        People.Affected affected = people.affected(environment, rules(environment, body, 0), clock.instant());
        return new PolicyPreview(affected.covered(), affected.enrolled(), affected.mustEnrol());
    }

    @PutMapping(path = "/api/v1/policy", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value = "Change the rules, if they still have the version in If-Match.",
            problems = {
                ProblemType.VERSION_CHANGED,
                ProblemType.PRECONDITION_REQUIRED,
                ProblemType.INVALID_VALUE,
                ProblemType.NOT_ENTITLED,
                ProblemType.LAST_ADMINISTRATOR
            })
    ResponseEntity<PolicyView> changePolicy(
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody PolicyChange body,
            HttpServletRequest request) {
        Environment environment = environment(request);
        Rules rules = rules(environment.id(), body, version(ifMatch));
        SignInStyle style =
                Optional.ofNullable(body.style()).map(PolicyApi::style).orElse(environment.style());
        String reason = Optional.ofNullable(body.reason()).orElse("");
        Outcomes.done(administration.change(by(request), rules, style, reason, clock.instant()));
        return current(environment);
    }

    @GetMapping("/api/v1/policy/versions")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("What the rules were, the newest first.")
    ResponseEntity<Page<PolicyVersionView>> listPolicyVersions(
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = environment(request).id();
        return lists.page(
                "policy-versions",
                limit,
                cursor,
                request,
                item -> Long.toString(item.policy().version()),
                (after, most) -> policies.versions(environment, MOST_VERSIONS).stream()
                        .filter(version -> after.isEmpty() || version.rules().version() < Long.parseLong(after.get()))
                        .limit(most)
                        .map(PolicyApi::view)
                        .toList());
    }

    private static PolicyVersionView view(PolicyVersion version) {
        return new PolicyVersionView(
                view(version.rules(), version.style()), version.reason(), version.changedAt(), version.changedBy());
    }

    @PostMapping(path = "/api/v1/policy/versions/{number}/return", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(
            value =
                    "Go back to what the rules were, if they still have the version in If-Match. Groups and people that are"
                            + " gone are left out.",
            problems = {
                ProblemType.VERSION_CHANGED,
                ProblemType.PRECONDITION_REQUIRED,
                ProblemType.CONFLICT,
                ProblemType.INVALID_VALUE,
                ProblemType.NOT_ENTITLED,
                ProblemType.LAST_ADMINISTRATOR
            })
    ResponseEntity<PolicyView> returnToPolicyVersion(
            @PathVariable("number") long number,
            @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
            @RequestBody Return body,
            HttpServletRequest request) {
        PolicyVersion then = Outcomes.done(administration.earlier(by(request), number));
        Rules rules = new Rules(then.rules().mode(), then.rules().scope(), version(ifMatch));
        String reason = Optional.ofNullable(body.reason()).orElse("");
        Outcomes.done(administration.change(by(request), rules, then.style(), reason, clock.instant()));
        return current(environment(request));
    }

    private Rules rules(EnvironmentId environment, PolicyChange body, long version) {
        Rules.Mode mode = Scopes.mode(Bodies.required("mode", body.mode()));
        Scopes.ScopeView scope = body.scope();
        if (mode == Rules.Mode.REQUIRED && scope == null) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, "scope", "scope is missing: who must use a second factor?");
        }
        return new Rules(mode, scope == null ? new Rules.Scope.Everyone() : scopes.read(environment, scope), version);
    }

    private static SignInStyle style(String name) {
        return Stream.of(SignInStyle.values())
                .filter(style -> Scopes.wireName(style).equals(name))
                .findFirst()
                .orElseThrow(() -> Refusal.of(
                        ProblemType.INVALID_VALUE, "style", "style is two-screens, one-page or identifier-first"));
    }

    static long version(@Nullable String ifMatch) {
        if (ifMatch == null) {
            throw Refusal.of(
                    ProblemType.PRECONDITION_REQUIRED,
                    "If-Match",
                    "Send the ETag of GET /api/v1/policy as If-Match, so that nobody's change is overwritten.");
        }
        String bare = ifMatch.strip().replaceAll("^\"|\"$", "");
        if (!bare.matches("[0-9]{1,15}")) {
            throw Refusal.of(ProblemType.VERSION_CHANGED, "If-Match", "This is no ETag of GET /api/v1/policy.");
        }
        return Long.parseLong(bare);
    }

    private static Environment environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment();
    }

    private static Administrator by(HttpServletRequest request) {
        return Outcomes.by(ApiCaller.of(request));
    }
}
