package dev.countersign.api;

import dev.countersign.administration.PeopleAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.AccountSource;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.PasswordRules;
import dev.countersign.factor.password.Passwords;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Role;
import dev.countersign.people.Companion;
import dev.countersign.people.People;
import dev.countersign.people.PeopleFilter;
import dev.countersign.people.PeoplePage;
import dev.countersign.people.PeopleSort;
import dev.countersign.people.Person;
import dev.countersign.people.PersonStatus;
import dev.countersign.vault.SecretText;
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
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** People: the list, one person, and what administrators change about an account. */
@RestController
final class PeopleApi {
    private final People people;
    private final PeopleAdministration administration;
    private final Passwords passwords;
    private final Lists lists;
    private final Clock clock;

    PeopleApi(People people, PeopleAdministration administration, Passwords passwords, Lists lists, Clock clock) {
        this.people = people;
        this.administration = administration;
        this.passwords = passwords;
        this.lists = lists;
        this.clock = clock;
    }

    /**
     * A person.
     *
     * @param role their own; groups may give others
     * @param status {@code disabled}, {@code locked}, {@code exempt}, {@code enrolled}, {@code must-enrol}, {@code grace} or
     *     {@code not-covered}
     * @param twoFactor whether an app or a phone is set up
     * @param companionSince since when there is a phone that approves
     */
    record PersonView(
            String id,
            String username,
            String displayName,
            String email,
            String role,
            String source,
            String status,
            boolean twoFactor,
            @Nullable Instant enrolledAt,
            @Nullable Instant companionSince,
            @Nullable Instant exemptUntil,
            @Nullable Instant graceUntil,
            @Nullable Instant lastSignInAt,
            Instant createdAt) {}

    /** How many people a filter finds; when not {@code exact}, at least so many. */
    record CountView(long people, boolean exact) {}

    /** A new person. Without a password nobody can sign in as them yet. */
    record NewPerson(
            String username,
            String displayName,
            String email,
            @Nullable String role,
            @Nullable String password) {
        @Override
        public String toString() {
            return "NewPerson(hidden)";
        }
    }

    /** What is changed; what is absent stays. */
    record PersonChange(
            @Nullable String username,
            @Nullable String displayName,
            @Nullable String email) {}

    /** A role. */
    record RoleChange(String role) {}

    /** A password; the person chooses another at the next sign-in, unless {@code keep}. */
    record PasswordChange(String password, @Nullable Boolean keep) {
        @Override
        public String toString() {
            return "PasswordChange(hidden)";
        }
    }

    @GetMapping("/api/v1/people")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation(
            "People, found by beginnings of words, role, group, source, two-factor status and whether there is a phone that approves.")
    ResponseEntity<Page<PersonView>> listPeople(
            @RequestParam(name = "search", required = false) @Nullable String search,
            @RequestParam(name = "role", required = false) @Nullable String role,
            @RequestParam(name = "group", required = false) @Nullable String group,
            @RequestParam(name = "source", required = false) @Nullable String source,
            @RequestParam(name = "status", required = false) @Nullable String status,
            @RequestParam(name = "companion", required = false) @Nullable String companion,
            @RequestParam(name = "sort", required = false) @Nullable String sort,
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        PeopleFilter filter = filter(search, role, group, source, status, companion);
        PeopleSort order = sort == null
                ? PeopleSort.USERNAME
                : PeopleSort.ofWireName(sort).orElseThrow(() -> notAmong("sort", PeopleSort.values()));
        Instant now = clock.instant();
        return lists.found("people " + order + filter, limit, cursor, request, (after, most) -> {
            PeoplePage page = people.list(environment, filter, order, after.map(PeopleApi::position), most, now);
            return new Lists.Found<>(
                    page.people().stream().map(PeopleApi::view).toList(),
                    page.next().map(PeopleApi::position));
        });
    }

    /** The id never holds a space; what the list is ordered by may. */
    private static String position(PeoplePage.Cursor cursor) {
        return cursor.id() + " " + cursor.key();
    }

    private static PeoplePage.Cursor position(String text) {
        int space = text.indexOf(' ');
        return new PeoplePage.Cursor(text.substring(space + 1), text.substring(0, space), false);
    }

    @GetMapping("/api/v1/people/count")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("How many people a filter finds.")
    CountView countPeople(
            @RequestParam(name = "search", required = false) @Nullable String search,
            @RequestParam(name = "role", required = false) @Nullable String role,
            @RequestParam(name = "group", required = false) @Nullable String group,
            @RequestParam(name = "source", required = false) @Nullable String source,
            @RequestParam(name = "status", required = false) @Nullable String status,
            @RequestParam(name = "companion", required = false) @Nullable String companion,
            HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        PeopleFilter filter = filter(search, role, group, source, status, companion);
        var count = people.count(environment, filter, clock.instant());
        return new CountView(count.value(), count.exact());
    }

    static PeopleFilter filter(
            @Nullable String search,
            @Nullable String role,
            @Nullable String group,
            @Nullable String source,
            @Nullable String status,
            @Nullable String companion) {
        if (search != null && search.length() > PeopleFilter.LONGEST_TEXT) {
            throw Refusal.of(
                    ProblemType.INVALID_REQUEST,
                    "search",
                    "search has at most " + PeopleFilter.LONGEST_TEXT + " characters");
        }
        return new PeopleFilter(
                search == null ? "" : search,
                among("role", role, Role::ofWireName, Role.values()),
                Optional.ofNullable(group)
                        .map(text -> new GroupId(Identifiers.find(text)
                                .orElseThrow(
                                        () -> Refusal.of(ProblemType.INVALID_REQUEST, "group", "group is an id")))),
                among("source", source, PeopleApi::sourceOf, AccountSource.values()),
                among("status", status, PersonStatus::ofWireName, PersonStatus.values()),
                companion(companion));
    }

    static Optional<Companion> companion(@Nullable String typed) {
        return among("companion", typed, Companion::ofWireName, Companion.values());
    }

    private static Optional<AccountSource> sourceOf(String name) {
        return java.util.stream.Stream.of(AccountSource.values())
                .filter(one -> wireName(one).equals(name))
                .findFirst();
    }

    private static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> Optional<E> among(
            String field, @Nullable String typed, Function<String, Optional<E>> read, E[] all) {
        return Optional.ofNullable(typed).map(text -> read.apply(text).orElseThrow(() -> notAmong(field, all)));
    }

    private static Refusal notAmong(String field, Enum<?>... all) {
        String names = java.util.stream.Stream.of(all)
                .map(PeopleApi::wireName)
                .collect(java.util.stream.Collectors.joining(", "));
        return Refusal.of(ProblemType.INVALID_REQUEST, field, field + " is one of: " + names);
    }

    @GetMapping("/api/v1/people/{id}")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("One person.")
    PersonView getPerson(@PathVariable("id") String id, HttpServletRequest request) {
        return find(id(id), request);
    }

    private PersonView find(AccountId id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return people.find(environment, id, clock.instant())
                .map(PeopleApi::view)
                .orElseThrow(Refusal::notFound);
    }

    static AccountId id(String text) {
        return Identifiers.find(text).map(AccountId::new).orElseThrow(Refusal::notFound);
    }

    @PostMapping(path = "/api/v1/people", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Create a person.",
            problems = {
                ProblemType.TAKEN,
                ProblemType.INVALID_VALUE,
                ProblemType.FORBIDDEN,
                ProblemType.PASSWORD_UNFIT,
                ProblemType.BUSY
            })
    PersonView createPerson(@RequestBody NewPerson body, HttpServletRequest request) {
        String username = Bodies.required("username", body.username());
        String email = Bodies.required("email", body.email());
        NewAccount typed = new NewAccount(
                username,
                Bodies.required("displayName", body.displayName()),
                email,
                among("role", body.role(), Role::ofWireName, Role.values()).orElse(Role.USER));
        Optional<Passwords.Prepared> password =
                Optional.ofNullable(body.password()).map(text -> prepare(text, username, email));
        ApiCaller caller = ApiCaller.of(request);
        Instant now = clock.instant();
        Account account = created(Outcomes.done(administration.create(Outcomes.by(caller), typed, now)));
        password.ifPresent(prepared ->
                Outcomes.done(administration.setPassword(Outcomes.by(caller), account.id(), prepared, false, now)));
        return find(account.id(), request);
    }

    private static Account created(Accounts.Creation creation) {
        return switch (creation) {
            case Accounts.Creation.Created(Account account) -> account;
            case Accounts.Creation.Refused(Accounts.Problem problem) -> throw Outcomes.explain(problem);
        };
    }

    private Passwords.Prepared prepare(String text, String username, String email) {
        SecretText password = SecretText.of(text);
        PasswordRules.check(password, username, email).ifPresent(problem -> {
            throw SignInAnswers.unfit(problem);
        });
        return passwords.prepare(password).orElseThrow(SignInAnswers::busy);
    }

    @PatchMapping(path = "/api/v1/people/{id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Change username, name or mail address.",
            problems = {ProblemType.TAKEN, ProblemType.INVALID_VALUE, ProblemType.FORBIDDEN})
    PersonView changePerson(@PathVariable("id") String id, @RequestBody PersonChange body, HttpServletRequest request) {
        PersonView before = find(id(id), request);
        Account changed = created(Outcomes.done(administration.change(
                Outcomes.by(ApiCaller.of(request)),
                id(id),
                Optional.ofNullable(body.username()).orElse(before.username()),
                Optional.ofNullable(body.displayName()).orElse(before.displayName()),
                Optional.ofNullable(body.email()).orElse(before.email()),
                clock.instant())));
        return find(changed.id(), request);
    }

    @PutMapping(path = "/api/v1/people/{id}/role", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Give a person another role of their own.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    PersonView changeRole(@PathVariable("id") String id, @RequestBody RoleChange body, HttpServletRequest request) {
        Role role = among("role", Bodies.required("role", body.role()), Role::ofWireName, Role.values())
                .orElseThrow();
        Outcomes.done(administration.changeRole(Outcomes.by(ApiCaller.of(request)), id(id), role, clock.instant()));
        return find(id(id), request);
    }

    @PutMapping(path = "/api/v1/people/{id}/password", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Set a person's password; their sessions end.",
            problems = {ProblemType.FORBIDDEN, ProblemType.PASSWORD_UNFIT, ProblemType.BUSY})
    void setPassword(@PathVariable("id") String id, @RequestBody PasswordChange body, HttpServletRequest request) {
        PersonView person = find(id(id), request);
        Passwords.Prepared prepared =
                prepare(Bodies.required("password", body.password()), person.username(), person.email());
        Outcomes.done(administration.setPassword(
                Outcomes.by(ApiCaller.of(request)),
                id(id),
                prepared,
                Boolean.TRUE.equals(body.keep()),
                clock.instant()));
    }

    @PostMapping("/api/v1/people/{id}/disable")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Keep a person from signing in; their sessions end.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    PersonView disablePerson(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.disable(Outcomes.by(ApiCaller.of(request)), id(id), clock.instant()));
        return find(id(id), request);
    }

    @PostMapping("/api/v1/people/{id}/enable")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(value = "Let a disabled person sign in again.", problems = ProblemType.FORBIDDEN)
    PersonView enablePerson(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.enable(Outcomes.by(ApiCaller.of(request)), id(id), clock.instant()));
        return find(id(id), request);
    }

    @DeleteMapping("/api/v1/people/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Remove a person with everything but their lines in the log.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR, ProblemType.CONFLICT})
    void deletePerson(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.delete(Outcomes.by(ApiCaller.of(request)), id(id), clock.instant()));
    }

    static PersonView view(Person person) {
        return new PersonView(
                person.id().value(),
                person.username(),
                person.displayName(),
                person.email(),
                person.role().wireName(),
                wireName(person.source()),
                person.status().wireName(),
                person.hasSecondFactor(),
                person.enrolledAt().orElse(null),
                person.companionAt().orElse(null),
                person.exemptUntil().orElse(null),
                person.graceUntil().orElse(null),
                person.lastSignInAt().orElse(null),
                person.createdAt());
    }
}
