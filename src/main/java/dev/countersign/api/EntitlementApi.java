package dev.countersign.api;

import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.entitlement.SignedEntitlement;
import dev.countersign.entitlement.Status;
import dev.countersign.entitlement.Verdict;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.people.People;
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
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What an environment may switch on: read by its administrators, set by the operator. */
@RestController
final class EntitlementApi {
    private final Entitlements entitlements;
    private final Environments environments;
    private final People people;
    private final Clock clock;

    EntitlementApi(Entitlements entitlements, Environments environments, People people, Clock clock) {
        this.entitlements = entitlements;
        this.environments = environments;
        this.people = people;
        this.clock = clock;
    }

    /**
     * What is agreed, beside what is used.
     *
     * @param limited whether an operator has agreed anything; else everything is included
     * @param seats for how many people two-factor authentication may be required; absent means any number
     * @param seatsUsed of how many people it is required now
     */
    record EntitlementView(
            boolean limited,
            List<String> features,
            @Nullable Long seats,
            long seatsUsed,
            @Nullable Instant endsAt,
            @Nullable Instant expiredSince) {}

    /** What is to be agreed. Without {@code seats} any number, without {@code endsAt} without end. */
    record NewEntitlement(
            List<String> features,
            @Nullable Long seats,
            @Nullable Instant endsAt) {}

    /** A file that the operator has signed: a compact JWS. */
    record SignedFile(String jws) {}

    @GetMapping("/api/v1/entitlement")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("What this environment may switch on. An end that has passed switches nothing off.")
    EntitlementView getEntitlement(HttpServletRequest request) {
        return view(RequestFacts.of(request).environment());
    }

    @PutMapping(path = "/api/v1/entitlement/signed", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(value = "Install a file that the operator has signed.", problems = ProblemType.INVALID_VALUE)
    EntitlementView installEntitlement(@RequestBody SignedFile body, HttpServletRequest request) {
        RequestFacts facts = RequestFacts.of(request);
        Entitlements.Installed installed = entitlements.install(
                facts.environment(),
                Bodies.required("jws", body.jws()),
                ApiCaller.of(request).actor(),
                facts.origin("api"),
                clock.instant());
        return switch (installed) {
            case Entitlements.Installed.Done _ -> view(facts.environment());
            case Entitlements.Installed.Refused(SignedEntitlement.Problem problem) ->
                throw Refusal.of(ProblemType.INVALID_VALUE, "jws", explain(problem));
        };
    }

    static String explain(SignedEntitlement.Problem problem) {
        return switch (problem) {
            case NO_OPERATOR_KEY -> "This installation has no operator-key in its configuration.";
            case NOT_SIGNED -> "The signature is not that of the operator-key in the configuration.";
            case UNREADABLE -> "The file does not say environment, features and issuedAt as they are expected.";
            case UNKNOWN_FEATURE -> "The file names a feature this version does not know.";
            case OTHER_ENVIRONMENT -> "The file is for another environment.";
            case OLDER -> "A file that was issued later is installed already.";
        };
    }

    @GetMapping("/api/v1/operator/environments/{name}/entitlement")
    @Access(Access.Level.OPERATOR)
    @Operation("What an environment may switch on.")
    EntitlementView getEntitlementOf(@PathVariable("name") String name) {
        return view(environment(name));
    }

    @PutMapping(path = "/api/v1/operator/environments/{name}/entitlement", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.OPERATOR)
    @Operation(value = "Set what an environment may switch on.", problems = ProblemType.INVALID_VALUE)
    EntitlementView setEntitlementOf(
            @PathVariable("name") String name, @RequestBody NewEntitlement body, HttpServletRequest request) {
        Environment environment = environment(name);
        entitlements.set(
                environment.id(),
                read(body),
                ApiCaller.of(request).actor(),
                RequestFacts.of(request).origin("api"),
                clock.instant());
        return view(environment);
    }

    @DeleteMapping("/api/v1/operator/environments/{name}/entitlement")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(Access.Level.OPERATOR)
    @Operation("Take every limit of an environment back.")
    void removeEntitlementOf(@PathVariable("name") String name, HttpServletRequest request) {
        boolean removed = entitlements.remove(
                environment(name).id(),
                ApiCaller.of(request).actor(),
                RequestFacts.of(request).origin("api"),
                clock.instant());
        if (!removed) {
            throw Refusal.notFound();
        }
    }

    private static Entitlement read(NewEntitlement body) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (String name : Bodies.required("features", body.features())) {
            features.add(Feature.ofWireName(name)
                    .orElseThrow(() -> Refusal.of(
                            ProblemType.INVALID_VALUE,
                            "features",
                            "features are: "
                                    + String.join(
                                            ", ",
                                            EnumSet.allOf(Feature.class).stream()
                                                    .map(Feature::wireName)
                                                    .toList()))));
        }
        Long seats = body.seats();
        if (seats != null && (seats < 1 || seats > Entitlement.MOST_SEATS)) {
            throw Refusal.of(ProblemType.INVALID_VALUE, "seats", "seats is 1 to " + Entitlement.MOST_SEATS);
        }
        return new Entitlement(features, Optional.ofNullable(seats), Optional.ofNullable(body.endsAt()));
    }

    private Environment environment(String name) {
        return Identifiers.find(name).flatMap(environments::findByName).orElseThrow(Refusal::notFound);
    }

    private EntitlementView view(Environment environment) {
        long used = people.seats(environment.id(), clock.instant());
        Status status = entitlements.status(environment.id(), used, clock.instant());
        Entitlement agreed = status.entitlement();
        return new EntitlementView(
                status.limited(),
                agreed.features().stream().map(Feature::wireName).sorted().toList(),
                agreed.seats().orElse(null),
                used,
                agreed.endsAt().orElse(null),
                status.expiredSince().orElse(null));
    }

    /** Why something cannot be switched on. */
    static Refusal explain(Verdict.Refused why) {
        return Refusal.of(
                ProblemType.NOT_ENTITLED,
                switch (why) {
                    case Verdict.NotIncluded(Feature feature) ->
                        "What is agreed with the operator does not include '" + feature.wireName() + "'.";
                    case Verdict.Ended(Feature feature, Instant at) ->
                        "What is agreed with the operator ended at " + at + ". What is on stays on; '"
                                + feature.wireName() + "' cannot be switched on.";
                    case Verdict.TooFewSeats(Feature feature, long seats, long needed) ->
                        "'" + feature.wireName() + "' would need " + needed + " seats; " + seats + " are agreed.";
                });
    }
}
