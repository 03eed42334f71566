package dev.countersign.api;

import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The API keys of an environment. */
@RestController
final class ApiKeyApi {
    private static final String LIST = "api-keys";

    private final ApiKeys keys;
    private final Accounts accounts;
    private final Lists lists;
    private final Clock clock;

    ApiKeyApi(ApiKeys keys, Accounts accounts, Lists lists, Clock clock) {
        this.keys = keys;
        this.accounts = accounts;
        this.lists = lists;
        this.clock = clock;
    }

    /** A new key: what people call it, what it may do, and its end. */
    record NewApiKey(String name, List<String> scopes, Instant expiresAt) {}

    /** A key, without the key itself. */
    record ApiKeyView(
            String id,
            String name,
            String prefix,
            String owner,
            List<String> scopes,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant lastUsedAt,
            @Nullable String lastUsedFrom,
            @Nullable Instant revokedAt) {}

    /** A new key. {@code secret} is shown this once. */
    record NewApiKeyView(String secret, ApiKeyView apiKey) {
        @Override
        public String toString() {
            return "NewApiKeyView(hidden)";
        }
    }

    @GetMapping("/api/v1/api-keys")
    @Access(value = Access.Level.API, needs = Permission.MANAGE_API_KEYS)
    @Operation("The API keys of this environment, also revoked and outlived ones.")
    ResponseEntity<Page<ApiKeyView>> listApiKeys(
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return lists.page(
                LIST,
                limit,
                cursor,
                request,
                ApiKeyView::id,
                (after, most) -> keys.list(environment, after.map(ApiKeyId::new), most).stream()
                        .map(this::view)
                        .toList());
    }

    @GetMapping("/api/v1/api-keys/{id}")
    @Access(value = Access.Level.API, needs = Permission.MANAGE_API_KEYS)
    @Operation("One API key.")
    ApiKeyView getApiKey(@PathVariable("id") String id, HttpServletRequest request) {
        return view(key(id, request));
    }

    @PostMapping(path = "/api/v1/api-keys", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(value = Access.Level.API, needs = Permission.MANAGE_API_KEYS, fresh = true)
    @Operation(
            value =
                    "Make an API key for oneself. It can do no more than whoever makes it, and a key makes none that outlives it.",
            problems = {ProblemType.INVALID_VALUE, ProblemType.NOT_ENTITLED})
    NewApiKeyView createApiKey(@RequestBody NewApiKey body, HttpServletRequest request) {
        ApiCaller caller = ApiCaller.of(request);
        String name = Bodies.required("name", body.name());
        List<String> names = Bodies.required("scopes", body.scopes());
        Instant end = Bodies.required("expiresAt", body.expiresAt());
        Scopes scopes = Scopes.parse(names)
                .orElseThrow(() -> Refusal.of(
                        ProblemType.INVALID_VALUE, "scopes", "scopes are: " + String.join(", ", Scopes.allNames())));
        if (caller.key().filter(key -> end.isAfter(key.expiresAt())).isPresent()) {
            throw Refusal.of(ProblemType.INVALID_VALUE, "expiresAt", "A key makes no key that outlives it.");
        }
        ApiKeys.Creation creation = keys.create(
                new ApiKeys.Wish(caller.account(), name, scopes, end),
                new ApiKeys.Giver.Person(caller.rights()),
                caller.actor(),
                RequestFacts.of(request).origin("api"),
                clock.instant());
        return switch (creation) {
            case ApiKeys.Creation.Created(ApiKey key, var secret) -> new NewApiKeyView(secret.reveal(), view(key));
            case ApiKeys.Creation.Refused(ApiKeys.Problem problem) -> throw explain(problem);
            case ApiKeys.Creation.NotEntitled(var why) -> throw EntitlementApi.explain(why);
        };
    }

    private static Refusal explain(ApiKeys.Problem problem) {
        return switch (problem) {
            case NAME_INVALID ->
                Refusal.of(ProblemType.INVALID_VALUE, "name", "name must have 1 to 100 visible characters.");
            case NO_SCOPES -> Refusal.of(ProblemType.INVALID_VALUE, "scopes", "Name at least one scope.");
            case SCOPE_BEYOND_RIGHTS ->
                Refusal.of(ProblemType.INVALID_VALUE, "scopes", "A key can do no more than whoever makes it.");
            case SCOPE_OF_OPERATOR ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "scopes",
                        "Only the command line hands out the scope 'operator': countersign api-key create.");
            case EXPIRY_INVALID ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "expiresAt",
                        "expiresAt must lie in the future, at most " + ApiKeys.LONGEST_LIFE.toDays() + " days ahead.");
            case OWNER_DISABLED -> Refusal.of(ProblemType.INVALID_VALUE, "The owner is disabled.");
            case TOO_MANY ->
                Refusal.of(ProblemType.INVALID_VALUE, "There are 1,000 live keys. Revoke some that nobody uses.");
        };
    }

    @DeleteMapping("/api/v1/api-keys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.MANAGE_API_KEYS)
    @Operation("Revoke an API key at once. Revoking it again changes nothing.")
    void revokeApiKey(@PathVariable("id") String id, HttpServletRequest request) {
        ApiKey key = key(id, request);
        boolean revoked = keys.revoke(
                key.environment(),
                key.id(),
                ApiCaller.of(request).actor(),
                RequestFacts.of(request).origin("api"),
                clock.instant());
        if (!revoked && key.revokedAt().isEmpty()) {
            throw Refusal.notFound();
        }
    }

    private ApiKey key(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return Identifiers.find(id)
                .flatMap(valid -> keys.find(environment, new ApiKeyId(valid)))
                .orElseThrow(Refusal::notFound);
    }

    private ApiKeyView view(ApiKey key) {
        Optional<ApiKey.LastUse> used = key.lastUse();
        return new ApiKeyView(
                key.id().value(),
                key.name(),
                key.prefix(),
                accounts.find(key.owner()).map(owner -> owner.username()).orElse(""),
                key.scopes().names(),
                key.createdAt(),
                key.expiresAt(),
                used.map(ApiKey.LastUse::at).orElse(null),
                used.map(ApiKey.LastUse::address).orElse(null),
                key.revokedAt().orElse(null));
    }
}
