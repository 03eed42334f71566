package dev.countersign.api;

import dev.countersign.administration.PeopleAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.factor.companion.Approval;
import dev.countersign.factor.companion.Approvals;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.PhoneId;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The phones a person approves with, and what they were asked. Phones themselves speak the companion's protocol. */
@RestController
final class PhoneApi {
    private static final int MOST_APPROVALS = 100;

    private final PeopleAdministration administration;
    private final Accounts accounts;
    private final Phones phones;
    private final Approvals approvals;
    private final Clock clock;

    PhoneApi(PeopleAdministration administration, Accounts accounts, Phones phones, Approvals approvals, Clock clock) {
        this.administration = administration;
        this.accounts = accounts;
        this.phones = phones;
        this.approvals = approvals;
        this.clock = clock;
    }

    /**
     * A phone.
     *
     * @param notified whether it is told of a request at once
     * @param trouble whether notifications stopped reaching it
     */
    record PersonPhoneView(
            String id, String name, Instant addedAt, Instant lastSeenAt, boolean notified, boolean trouble) {}

    /** The phones of a person, the first added first. */
    record PersonPhones(List<PersonPhoneView> items) {}

    /**
     * What phones were asked.
     *
     * @param state {@code open}, {@code approved}, {@code used}, {@code refused}, {@code reported}, {@code expired} or
     *     {@code withdrawn}
     * @param confirmation {@code number}, {@code code} or {@code tap}
     * @param phone the id of the phone that answered
     */
    record ApprovalView(
            String id,
            String state,
            String confirmation,
            String application,
            String browser,
            String system,
            String address,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant decidedAt,
            @Nullable String phone) {}

    /** The newest hundred requests to the phones of a person, the newest first. */
    record PersonApprovals(List<ApprovalView> items) {}

    @GetMapping("/api/v1/people/{id}/phones")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("The phones a person approves sign-ins with.")
    PersonPhones listPhones(@PathVariable("id") String id, HttpServletRequest request) {
        return new PersonPhones(
                phones.of(found(id, request).id()).stream().map(PhoneApi::view).toList());
    }

    @DeleteMapping("/api/v1/people/{id}/phones/{phone}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.RESET_FACTORS)
    @Operation(value = "Remove a phone of a person: it approves nothing more.", problems = ProblemType.FORBIDDEN)
    void removePhone(@PathVariable("id") String id, @PathVariable("phone") String phone, HttpServletRequest request) {
        PhoneId one = Identifiers.find(phone).map(PhoneId::new).orElseThrow(Refusal::notFound);
        Outcomes.done(
                administration.removePhone(Outcomes.by(ApiCaller.of(request)), PeopleApi.id(id), one, clock.instant()));
    }

    @GetMapping("/api/v1/people/{id}/approvals")
    @Access(value = Access.Level.API, needs = Permission.VIEW_ACTIVITY)
    @Operation("What the phones of a person were asked, and what they answered.")
    PersonApprovals listApprovals(@PathVariable("id") String id, HttpServletRequest request) {
        Instant now = clock.instant();
        return new PersonApprovals(approvals.newest(found(id, request).id(), MOST_APPROVALS).stream()
                .map(approval -> view(approval, now))
                .toList());
    }

    private static PersonPhoneView view(Phone phone) {
        return new PersonPhoneView(
                phone.id().value(),
                phone.name(),
                phone.pairedAt(),
                phone.lastSeenAt(),
                phone.notified(),
                phone.ringFailedAt().isPresent());
    }

    private static ApprovalView view(Approval approval, Instant now) {
        Approval.Circumstances about = approval.circumstances();
        return new ApprovalView(
                approval.id().value(),
                approval.stateAt(now).wireName(),
                approval.confirmation().wireName(),
                about.application(),
                about.browser(),
                about.system(),
                about.address(),
                approval.createdAt(),
                approval.expiresAt(),
                approval.state() == Approval.State.OPEN ? null : approval.changedAt(),
                approval.phone().map(PhoneId::value).orElse(null));
    }

    private Account found(String id, HttpServletRequest request) {
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        return accounts.find(PeopleApi.id(id))
                .filter(account -> account.environment().equals(environment))
                .orElseThrow(Refusal::notFound);
    }
}
