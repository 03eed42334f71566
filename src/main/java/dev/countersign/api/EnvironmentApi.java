package dev.countersign.api;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The environments of an installation, for its operator. */
@RestController
final class EnvironmentApi {
    private final Environments environments;
    private final Lists lists;
    private final Clock clock;

    EnvironmentApi(Environments environments, Lists lists, Clock clock) {
        this.environments = environments;
        this.lists = lists;
        this.clock = clock;
    }

    /** An environment; the one without a host serves every host that no other claims. */
    record EnvironmentView(String name, @Nullable String host, String displayName) {}

    /** A new environment. */
    record NewEnvironment(
            String name, String host, @Nullable String displayName) {}

    @GetMapping("/api/v1/operator/environments")
    @Access(Access.Level.OPERATOR)
    @Operation("The environments of this installation, by name.")
    ResponseEntity<Page<EnvironmentView>> listEnvironments(
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        return lists.page(
                "environments",
                limit,
                cursor,
                request,
                EnvironmentView::name,
                (after, most) -> environments.all().stream()
                        .sorted(Comparator.comparing(Environment::name))
                        .filter(environment -> environment.name().compareTo(after.orElse("")) > 0)
                        .limit(most)
                        .map(EnvironmentApi::view)
                        .toList());
    }

    @PostMapping(path = "/api/v1/operator/environments", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(Access.Level.OPERATOR)
    @Operation(
            value = "Create an environment that a host name selects.",
            problems = {ProblemType.TAKEN, ProblemType.INVALID_VALUE})
    EnvironmentView createEnvironment(@RequestBody NewEnvironment body, HttpServletRequest request) {
        String name = Bodies.required("name", body.name());
        String host = Bodies.required("host", body.host());
        String shown = Optional.ofNullable(body.displayName()).orElse(name);
        ApiCaller caller = ApiCaller.of(request);
        try {
            return environments
                    .create(name, Optional.of(host), shown, caller.actor(), caller.origin(), clock.instant())
                    .map(EnvironmentApi::view)
                    .orElseThrow(() -> Refusal.of(ProblemType.TAKEN, "The name or the host belongs to another one."));
        } catch (IllegalArgumentException e) {
            throw Refusal.of(ProblemType.INVALID_VALUE, String.valueOf(e.getMessage()));
        }
    }

    private static EnvironmentView view(Environment environment) {
        return new EnvironmentView(environment.name(), environment.host().orElse(null), environment.displayName());
    }
}
