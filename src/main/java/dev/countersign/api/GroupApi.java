package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.GroupAdministration;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Role;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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

/** Groups: who is in them, which stand in which, and the role they give. */
@RestController
final class GroupApi {
    private static final int MOST_AT_ONCE = 1_000;

    private final Groups groups;
    private final GroupAdministration administration;
    private final Lists lists;
    private final Clock clock;

    GroupApi(Groups groups, GroupAdministration administration, Lists lists, Clock clock) {
        this.groups = groups;
        this.administration = administration;
        this.lists = lists;
        this.clock = clock;
    }

    /**
     * A group.
     *
     * @param members how many people are in it, directly
     * @param role what it gives everyone in it
     * @param contains the groups that stand in it, directly
     */
    record GroupView(
            String id, String name, long members, @Nullable String role, List<String> contains) {}

    /** The name of a group. */
    record GroupName(String name) {}

    /** A role that a group gives; absent for none. */
    record GroupRole(@Nullable String role) {}

    /** People to be added or taken out: ids. */
    record Members(List<String> people) {}

    /** How many were not members before, or are none any more. */
    record Changed(int changed) {}

    @GetMapping("/api/v1/groups")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("The groups of this environment, in the order of their ids.")
    ResponseEntity<Page<GroupView>> listGroups(
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        List<Groups.Nesting> nestings = groups.nestings(environment);
        return lists.page(
                "groups",
                limit,
                cursor,
                request,
                GroupView::id,
                (after, most) -> groups.all(environment).stream()
                        .sorted(Comparator.comparing(group -> group.id().value()))
                        .filter(group -> group.id().value().compareTo(after.orElse("")) > 0)
                        .limit(most)
                        .map(group -> view(group, nestings))
                        .toList());
    }

    @GetMapping("/api/v1/groups/{id}")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("One group.")
    GroupView getGroup(@PathVariable("id") String id, HttpServletRequest request) {
        return find(id(id), request);
    }

    @PostMapping(path = "/api/v1/groups", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Create a group.",
            problems = {ProblemType.TAKEN, ProblemType.INVALID_VALUE})
    GroupView createGroup(@RequestBody GroupName body, HttpServletRequest request) {
        Group group = Outcomes.done(
                administration.create(by(request), Bodies.required("name", body.name()), clock.instant()));
        return find(group.id(), request);
    }

    @PatchMapping(path = "/api/v1/groups/{id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Rename a group.",
            problems = {ProblemType.TAKEN, ProblemType.INVALID_VALUE, ProblemType.FORBIDDEN})
    GroupView renameGroup(@PathVariable("id") String id, @RequestBody GroupName body, HttpServletRequest request) {
        Outcomes.done(
                administration.rename(by(request), id(id), Bodies.required("name", body.name()), clock.instant()));
        return find(id(id), request);
    }

    @DeleteMapping("/api/v1/groups/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Remove a group; the people in it stay.",
            problems = {ProblemType.FORBIDDEN, ProblemType.CONFLICT, ProblemType.LAST_ADMINISTRATOR})
    void deleteGroup(@PathVariable("id") String id, HttpServletRequest request) {
        Outcomes.done(administration.delete(by(request), id(id), clock.instant()));
    }

    @PutMapping(path = "/api/v1/groups/{id}/role", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Give everyone in a group a role beside their own, or none any more.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    GroupView changeGroupRole(@PathVariable("id") String id, @RequestBody GroupRole body, HttpServletRequest request) {
        Optional<Role> role = Optional.ofNullable(body.role())
                .map(name -> Role.ofWireName(name)
                        .orElseThrow(() -> Refusal.of(ProblemType.INVALID_REQUEST, "role", "There is no such role.")));
        Outcomes.done(administration.changeRole(by(request), id(id), role, clock.instant()));
        return find(id(id), request);
    }

    @PutMapping("/api/v1/groups/{id}/groups/{child}")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Put a group into another.",
            problems = {ProblemType.FORBIDDEN, ProblemType.CONFLICT})
    GroupView nestGroup(
            @PathVariable("id") String id, @PathVariable("child") String child, HttpServletRequest request) {
        Outcomes.done(administration.nest(by(request), id(id), id(child), clock.instant()));
        return find(id(id), request);
    }

    @DeleteMapping("/api/v1/groups/{id}/groups/{child}")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Take a group out of another.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    GroupView unnestGroup(
            @PathVariable("id") String id, @PathVariable("child") String child, HttpServletRequest request) {
        Outcomes.done(administration.unnest(by(request), id(id), id(child), clock.instant()));
        return find(id(id), request);
    }

    @PostMapping(path = "/api/v1/groups/{id}/members", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(value = "Add people to a group: all of them, or none.", problems = ProblemType.FORBIDDEN)
    Changed addMembers(@PathVariable("id") String id, @RequestBody Members body, HttpServletRequest request) {
        return new Changed(Outcomes.done(administration.add(by(request), id(id), people(body), clock.instant())));
    }

    @PutMapping("/api/v1/groups/{id}/members/{person}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(value = "Add a person to a group.", problems = ProblemType.FORBIDDEN)
    void addMember(@PathVariable("id") String id, @PathVariable("person") String person, HttpServletRequest request) {
        Outcomes.done(administration.add(by(request), id(id), List.of(PeopleApi.id(person)), clock.instant()));
    }

    @DeleteMapping("/api/v1/groups/{id}/members/{person}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation(
            value = "Take a person out of a group.",
            problems = {ProblemType.FORBIDDEN, ProblemType.LAST_ADMINISTRATOR})
    void removeMember(
            @PathVariable("id") String id, @PathVariable("person") String person, HttpServletRequest request) {
        Outcomes.done(administration.remove(by(request), id(id), List.of(PeopleApi.id(person)), clock.instant()));
    }

    private static List<AccountId> people(Members body) {
        List<String> ids = Bodies.required("people", body.people());
        if (ids.size() > MOST_AT_ONCE) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, "people", "At most " + MOST_AT_ONCE + " at once.");
        }
        return ids.stream().map(PeopleApi::id).toList();
    }

    private static Administrator by(HttpServletRequest request) {
        return Outcomes.by(ApiCaller.of(request));
    }

    private static GroupId id(String text) {
        return Identifiers.find(text).map(GroupId::new).orElseThrow(Refusal::notFound);
    }

    private GroupView find(GroupId id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return groups.find(environment, id)
                .map(group -> view(group, groups.nestings(environment)))
                .orElseThrow(Refusal::notFound);
    }

    private static GroupView view(Group group, List<Groups.Nesting> nestings) {
        return new GroupView(
                group.id().value(),
                group.name(),
                group.members(),
                group.role().map(Role::wireName).orElse(null),
                nestings.stream()
                        .filter(nesting -> nesting.parent().equals(group.id()))
                        .map(nesting -> nesting.child().value())
                        .sorted()
                        .toList());
    }
}
