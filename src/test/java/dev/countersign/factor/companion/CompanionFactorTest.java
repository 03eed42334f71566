package dev.countersign.factor.companion;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.factor.Answer;
import dev.countersign.factor.FactorContract;
import dev.countersign.factor.totp.Apps;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.SignInId;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.signin.AccountActions;
import dev.countersign.signin.OwnFactors;
import dev.countersign.support.Crowd;
import dev.countersign.support.FakePhone;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.PhoneKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Approval on the phone, on both databases. */
class CompanionFactorTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    abstract static class Contract extends FactorContract {
        private static final Approval.Circumstances ABOUT = new Approval.Circumstances(
                "Northwind", "Firefox", "Linux", "203.0.113.7", Optional.empty(), Optional.empty());

        private final Approvals approvals;
        private final Pairings pairings;
        private final Phones phones;

        Contract(TestInstallation on) {
            super(on, FactorKind.PUSH);
            this.approvals = on.get(Approvals.class);
            this.pairings = on.get(Pairings.class);
            this.phones = on.get(Phones.class);
        }

        private record Paired(Account account, Phone phone) {}

        private static PhoneKey key() {
            Map<String, String> jwk = new FakePhone("http://localhost", new TestClock()).jwk();
            return PhoneKey.of(jwk.get("x"), jwk.get("y")).orElseThrow();
        }

        private Pairing begin(Account account, Instant now) {
            return on.database()
                    .write(() -> pairings.begin(
                            account, TestInstallation.fresh("from"), "http://localhost", java.util.Locale.ENGLISH, now))
                    .pairing();
        }

        private Optional<Phone> confirm(Account account, Pairing pairing, Instant now) {
            Pairing found = pairings.find(account.environment(), pairing.id()).orElseThrow();
            return on.database().write(() -> pairings.confirm(account, found, ACTOR, Origin.SYSTEM, now));
        }

        private Paired paired() {
            return paired(on.person());
        }

        private Paired paired(Account account) {
            Pairing pairing = begin(account, NOW);
            assertThat(pairings.claim(pairing, new Pairing.Offer(key(), "Pixel"), NOW))
                    .isTrue();
            return new Paired(account, confirm(account, pairing, NOW).orElseThrow());
        }

        private Approvals.Asked ask(Account account, String signIn, Instant now) {
            return on.database().write(() -> approvals.ask(account, new SignInId(signIn), ABOUT, Origin.SYSTEM, now));
        }

        private Approval asked(Account account, Instant now) {
            return ((Approvals.Asked.Sent) ask(account, TestInstallation.fresh("signin"), now)).request();
        }

        private boolean decide(Paired person, Approval request, Approval.State state, Instant now) {
            return on.database().write(() -> approvals.decide(request, state, person.phone(), now));
        }

        private Approval.State state(Approval request) {
            return approvals.find(request.id()).orElseThrow().state();
        }

        @Override
        protected Owner enrolled() {
            Paired person = paired();
            Approval request = asked(person.account(), NOW);
            assertThat(decide(person, request, Approval.State.APPROVED, NOW)).isTrue();
            return new Owner(person.account(), request.id() + "/" + request.signIn());
        }

        /** Request and sign-in with a stroke between them; everything else is text that was typed. */
        @Override
        protected Answer answer(String typed) {
            String[] parts = typed.split("/", -1);
            return parts.length == 2
                    ? new Answer.Approved(new ApprovalId(parts[0]), new SignInId(parts[1]))
                    : Answer.Typed.of(typed);
        }

        @Override
        protected String wrong() {
            return "aaaaaaaa/bbbbbbbb";
        }

        @Override
        protected boolean isSingleUse() {
            return true;
        }

        private void assertOnce(Callable<Boolean> consume) throws Exception {
            assertThat(Crowd.together(8, consume).stream().filter(used -> used)).hasSize(1);
        }

        @Test
        void inv_2_everything_that_is_used_up_is_used_up_once() throws Exception {
            Paired bea = paired();
            Approval request = asked(bea.account(), NOW);
            assertOnce(() -> decide(bea, request, Approval.State.APPROVED, NOW));
            assertOnce(() -> on.database()
                    .write(() -> on.get(ApprovalStore.class).consumeApproved(request.id(), request.signIn())));
            assertThat(decide(bea, request, Approval.State.REFUSED, NOW))
                    .as("what was used is used")
                    .isFalse();

            Approval refused = asked(bea.account(), NOW);
            assertOnce(() -> decide(bea, refused, Approval.State.REFUSED, NOW));

            Account carl = on.person();
            Pairing pairing = begin(carl, NOW);
            assertOnce(() -> pairings.claim(pairing, new Pairing.Offer(key(), "Pixel"), NOW));
            assertOnce(() -> confirm(carl, pairing, NOW).isPresent());
            assertThat(phones.of(carl.id())).hasSize(1);

            PhoneStore store = on.get(PhoneStore.class);
            String proof = TestInstallation.fresh("proof");
            assertOnce(() -> on.database().write(() -> store.consumeProof(proof, NOW, NOW)));
            PhoneId phone = bea.phone().id();
            assertOnce(() -> on.database().write(() -> store.consumeStep(phone, Long.MAX_VALUE / 2, NOW)));
        }

        @Test
        void wrong_digits_at_once_end_a_request_after_three() throws Exception {
            Paired bea = paired();
            Approval request = asked(bea.account(), NOW);
            Crowd.together(8, () -> on.database().write(() -> approvals.noteWrong(request, NOW)));
            assertThat(state(request)).isEqualTo(Approval.State.EXPIRED);
            assertThat(approvals.find(request.id()).orElseThrow().wrong()).isEqualTo(Approval.MOST_WRONG);
            assertThat(decide(bea, request, Approval.State.APPROVED, NOW)).isFalse();
        }

        private List<Approval> openAndApproved(Paired person) {
            Approval approved = asked(person.account(), NOW);
            assertThat(decide(person, approved, Approval.State.APPROVED, NOW)).isTrue();
            Approval open = asked(person.account(), NOW);
            begin(person.account(), NOW);
            return List.of(approved, open);
        }

        private void assertEnded(Paired person, List<Approval> requests) {
            assertThat(requests).allMatch(request -> state(request) == Approval.State.WITHDRAWN);
            assertThat(on.count(
                            "SELECT count(*) FROM phone_pairing WHERE account_id = ? AND state <> 'CONFIRMED'",
                            person.account().id().value()))
                    .isZero();
        }

        @Test
        void inv_6_what_takes_the_second_factor_takes_phones_pairings_and_requests() {
            AccountActions actions = on.get(AccountActions.class);
            Paired reset = paired();
            List<Approval> ofReset = openAndApproved(reset);
            actions.resetSecondFactor(reset.account(), ACTOR, Origin.SYSTEM, NOW);
            assertEnded(reset, ofReset);
            assertThat(phones.of(reset.account().id())).isEmpty();

            Paired replaced = paired();
            List<Approval> ofReplaced = openAndApproved(replaced);
            actions.replacePhone(replaced.account(), ACTOR, Origin.SYSTEM, NOW);
            assertEnded(replaced, ofReplaced);
            assertThat(phones.of(replaced.account().id())).isEmpty();

            Paired disabled = paired();
            List<Approval> ofDisabled = openAndApproved(disabled);
            actions.disable(disabled.account(), ACTOR, Origin.SYSTEM, NOW);
            assertEnded(disabled, ofDisabled);

            Paired removed = paired();
            List<Approval> ofRemoved = openAndApproved(removed);
            assertThat(phones.remove(removed.account(), removed.phone().id(), ACTOR, Origin.SYSTEM, NOW))
                    .isTrue();
            assertThat(ofRemoved).allMatch(request -> state(request) == Approval.State.WITHDRAWN);
        }

        private void assertOneStays(
                Account account, Callable<OwnFactors.Removal> first, Callable<OwnFactors.Removal> other)
                throws Exception {
            Policies policies = on.get(Policies.class);
            long version = policies.rules(account.environment()).version();
            Rules rules = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), version);
            policies.change(account.environment(), rules, ACTOR, Origin.SYSTEM, NOW);
            Queue<Callable<OwnFactors.Removal>> both = new ConcurrentLinkedQueue<>(List.of(first, other));
            assertThat(Crowd.together(2, () -> both.remove().call()))
                    .containsExactlyInAnyOrder(OwnFactors.Removal.REMOVED, OwnFactors.Removal.NEEDED);
        }

        @Test
        void inv_6_two_removals_at_once_never_take_the_last_factor_that_is_demanded() throws Exception {
            OwnFactors own = on.get(OwnFactors.class);
            for (int round = 0; round < 4; round++) {
                Paired bea = paired();
                Account account = bea.account();
                Phone second = paired(account).phone();
                assertOneStays(
                        account,
                        () -> own.removePhone(account, bea.phone().id(), ACTOR, Origin.SYSTEM, NOW),
                        () -> own.removePhone(account, second.id(), ACTOR, Origin.SYSTEM, NOW));
                assertThat(phones.of(account.id())).hasSize(1);

                Paired carl = paired();
                Apps apps = on.get(Apps.class);
                on.database()
                        .write(() -> apps.register(carl.account(), apps.newSecret(), 1, ACTOR, Origin.SYSTEM, NOW));
                assertOneStays(
                        carl.account(),
                        () -> own.removePhone(carl.account(), carl.phone().id(), ACTOR, Origin.SYSTEM, NOW),
                        () -> own.removeApp(carl.account(), ACTOR, Origin.SYSTEM, NOW));
                assertThat(apps.has(carl.account().id()))
                        .isNotEqualTo(!phones.of(carl.account().id()).isEmpty());
            }
        }

        @Test
        void a_deleted_account_leaves_nothing() {
            Paired bea = paired();
            openAndApproved(bea);
            on.get(AccountActions.class).delete(bea.account(), ACTOR, Origin.SYSTEM, NOW);
            for (String table : List.of("phone", "phone_pairing", "approval", "approval_restraint")) {
                assertThat(on.count(
                                "SELECT count(*) FROM " + table + " WHERE account_id = ?",
                                bea.account().id().value()))
                        .as(table)
                        .isZero();
            }
        }

        @Test
        void item_7_whoever_does_not_answer_is_asked_less_and_less_and_told_how_often_it_was_held_back() {
            Paired bea = paired();
            Account account = bea.account();
            asked(account, NOW);
            asked(account, NOW);
            assertThat(ask(account, "third", NOW)).isInstanceOf(Approvals.Asked.HeldBack.class);
            assertThat(approvals.open(account.id(), NOW)).hasSize(Approvals.MOST_OPEN);

            Instant now = NOW.plus(Approval.LIFE);
            Duration before = Duration.ZERO;
            for (int i = 0; i < 8; i++) {
                assertThat(asked(account, now).confirmation()).isEqualTo(Confirmation.CODE);
                Instant later = now.plus(Approval.LIFE);
                Approvals.Asked next = ask(account, "more", later);
                if (next instanceof Approvals.Asked.HeldBack(Duration pause)) {
                    assertThat(pause).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(Duration.ofMinutes(30));
                    before = pause;
                    now = later.plus(pause);
                } else {
                    now = later.plus(Duration.ofMinutes(30));
                }
            }
            assertThat(before).isGreaterThan(Duration.ofMinutes(5));
            assertThat(approvals.heldBack(account.id())).isGreaterThan(3);

            on.database().write(() -> approvals.forgive(account));
            assertThat(approvals.heldBack(account.id())).isZero();
            assertThat(asked(account, now).confirmation()).isEqualTo(Confirmation.NUMBER);
        }

        @Test
        void item_7_a_refusal_is_not_forgotten_because_something_newer_was_withdrawn() {
            Paired bea = paired();
            Approval first = asked(bea.account(), NOW);
            Approval second = asked(bea.account(), NOW.plusSeconds(1));
            decide(bea, first, Approval.State.REFUSED, NOW.plusSeconds(2));
            on.database().write(() -> approvals.withdraw(second.signIn(), NOW.plusSeconds(3)));
            assertThat(asked(bea.account(), NOW.plusSeconds(90)).confirmation()).isEqualTo(Confirmation.CODE);

            Paired carl = paired();
            asked(carl.account(), NOW);
            Approval newer = asked(carl.account(), NOW.plusSeconds(1));
            on.database().write(() -> approvals.withdraw(newer.signIn(), NOW.plusSeconds(3)));
            assertThat(asked(carl.account(), NOW.plusSeconds(90)).confirmation())
                    .as("the older one was ignored")
                    .isEqualTo(Confirmation.CODE);
        }

        @Test
        void whoever_waits_hears_of_decisions_of_other_nodes_and_leaves_nothing_behind() {
            Paired bea = paired();
            Approval request = asked(bea.account(), NOW);
            Watch watch = new Watch(on.get(ApprovalStore.class));
            java.util.concurrent.atomic.AtomicInteger heard = new java.util.concurrent.atomic.AtomicInteger();
            Watch.Waiting first = watch.on(request.id().value(), heard::incrementAndGet);
            Watch.Waiting second = watch.on(request.id().value(), heard::incrementAndGet);
            watch.look(NOW);
            assertThat(heard).hasValue(0);
            decide(bea, request, Approval.State.APPROVED, NOW);
            watch.look(NOW);
            assertThat(heard).hasValue(2);
            first.close();
            second.close();
            assertThat(watch.size()).isZero();
        }
    }
}
