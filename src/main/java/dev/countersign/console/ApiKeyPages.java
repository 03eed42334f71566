package dev.countersign.console;

import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.ApiKeyId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** Keys for programs: the list, making one, revoking one. */
@Controller
final class ApiKeyPages {
    private static final int MOST_SHOWN = 1_000;
    private static final String USUAL_DAYS = "365";

    private final ApiKeys keys;
    private final Accounts accounts;
    private final Clock clock;

    ApiKeyPages(ApiKeys keys, Accounts accounts, Clock clock) {
        this.keys = keys;
        this.accounts = accounts;
        this.clock = clock;
    }

    record Row(
            String id,
            String name,
            String prefix,
            String owner,
            String scopes,
            Instant expiresAt,
            @Nullable Instant lastUsed,
            @Nullable String statusKey) {}

    record ScopeChoice(String name, String textKey, boolean selected) {}

    @GetMapping("/console/api-keys")
    @Access(value = Access.Level.CONSOLE, needs = Permission.MANAGE_API_KEYS)
    ModelAndView list(HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Instant now = clock.instant();
        List<Row> rows = keys.list(environment, Optional.empty(), MOST_SHOWN).stream()
                .sorted(Comparator.comparing(ApiKey::createdAt).reversed())
                .map(key -> row(key, now))
                .toList();
        return new ModelAndView("console/api-keys", Map.of("keys", rows));
    }

    private Row row(ApiKey key, Instant now) {
        String status = key.isLive(now)
                ? null
                : key.revokedAt().isPresent() ? "console.api-keys.revoked" : "console.api-keys.expired";
        return new Row(
                key.id().value(),
                key.name(),
                key.prefix(),
                accounts.find(key.owner()).map(Account::username).orElse(""),
                String.join(", ", key.scopes().names()),
                key.expiresAt(),
                key.lastUse().map(ApiKey.LastUse::at).orElse(null),
                status);
    }

    @GetMapping("/console/api-keys/new")
    @Access(value = Access.Level.CONSOLE, needs = Permission.MANAGE_API_KEYS, fresh = true)
    ModelAndView form(HttpServletRequest request) {
        return form("", Set.of(), USUAL_DAYS, request);
    }

    private static ModelAndView form(String name, Set<String> selected, String days, HttpServletRequest request) {
        List<ScopeChoice> scopes = SignedIn.of(request).rights().permissions().stream()
                .sorted()
                .map(permission -> new ScopeChoice(
                        permission.wireName(),
                        "permission." + permission.wireName(),
                        selected.contains(permission.wireName())))
                .toList();
        return new ModelAndView("console/api-key-new", Map.of("name", name, "scopes", scopes, "days", days));
    }

    @PostMapping("/console/api-keys")
    @Access(value = Access.Level.CONSOLE, needs = Permission.MANAGE_API_KEYS, fresh = true)
    ModelAndView create(
            @RequestParam(name = "name", defaultValue = "") String name,
            @RequestParam(name = "scopes", required = false) @Nullable List<String> scopes,
            @RequestParam(name = "days", defaultValue = "") String days,
            HttpServletRequest request) {
        Set<String> names = Set.copyOf(Optional.ofNullable(scopes).orElse(List.of()));
        Instant now = clock.instant();
        Instant end = now.plus(Duration.ofDays(days.matches("[0-9]{1,4}") ? Integer.parseInt(days) : 0));
        SignedIn person = SignedIn.of(request);
        Scopes wanted = Scopes.parse(names).orElseThrow(() -> new ResponseStatusException(HttpStatus.BAD_REQUEST));
        ApiKeys.Creation creation = keys.create(
                new ApiKeys.Wish(person.account(), name, wanted, end),
                new ApiKeys.Giver.Person(person.rights()),
                person.actor(),
                RequestFacts.of(request).origin("console"),
                now);
        return switch (creation) {
            case ApiKeys.Creation.Created(ApiKey key, var secret) ->
                new ModelAndView("console/api-key-made", Map.of("name", key.name(), "secret", secret.reveal()));
            case ApiKeys.Creation.Refused(ApiKeys.Problem problem) ->
                wrong(form(name, names, days, request), key(problem));
            case ApiKeys.Creation.NotEntitled(var why) -> wrong(form(name, names, days, request), why.messageKey());
        };
    }

    private static ModelAndView wrong(ModelAndView page, String problem) {
        page.addObject("problem", problem);
        page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        return page;
    }

    private static String key(ApiKeys.Problem problem) {
        return switch (problem) {
            case NAME_INVALID -> "problem.api-key-name";
            case NO_SCOPES -> "problem.api-key-scopes";
            case SCOPE_BEYOND_RIGHTS, SCOPE_OF_OPERATOR -> "problem.api-key-rights";
            case EXPIRY_INVALID -> "problem.api-key-days";
            case OWNER_DISABLED, TOO_MANY -> "problem.api-key-too-many";
        };
    }

    @GetMapping("/console/api-keys/revoke")
    @Access(value = Access.Level.CONSOLE, needs = Permission.MANAGE_API_KEYS)
    ModelAndView askRevoke(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        return new ModelAndView("console/api-key-revoke", Map.of("key", row(key(id, request), clock.instant())));
    }

    @PostMapping("/console/api-keys/revoke")
    @Access(value = Access.Level.CONSOLE, needs = Permission.MANAGE_API_KEYS)
    ModelAndView revoke(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        ApiKey key = key(id, request);
        boolean revoked = keys.revoke(
                key.environment(),
                key.id(),
                SignedIn.of(request).actor(),
                RequestFacts.of(request).origin("console"),
                clock.instant());
        return Redirects.to(revoked ? "/console/api-keys?notice=api-key-revoked" : "/console/api-keys");
    }

    private ApiKey key(String id, HttpServletRequest request) {
        return Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(
                        text -> keys.find(RequestFacts.of(request).environment().id(), new ApiKeyId(text)))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }
}
