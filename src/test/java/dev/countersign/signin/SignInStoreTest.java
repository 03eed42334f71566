package dev.countersign.signin;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.factor.Subject;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Why;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Unfinished sign-ins as they are stored, on both databases. */
class SignInStoreTest {
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

    abstract static class Contract {
        private static final Instant END = NOW.plus(Duration.ofMinutes(10));

        private final TestInstallation on;
        private final SignInStore store;
        private final EnvironmentId environment;
        private final SignInId id = new SignInId(TestInstallation.fresh("sign-in"));
        private final String token = TestInstallation.fresh("token-hash");

        Contract(TestInstallation on) {
            this.on = on;
            this.store = on.get(SignInStore.class);
            this.environment = on.environment().id();
        }

        private SignIn.Asked asked(String shownName, FactorKind offered) {
            SignIn.Heading heading =
                    new SignIn.Heading(id, environment, Target.ACCOUNT, shownName, Optional.empty(), END);
            return new SignIn.Asked(
                    heading,
                    new Subject.Decoy("decoy-1"),
                    Proofs.NONE,
                    Set.of(offered),
                    Why.of(Why.Rule.PASSWORD_FIRST));
        }

        private SignIn.Asked insert(Optional<byte[]> sealed) {
            SignIn.Asked state = asked("Bea", FactorKind.PASSWORD);
            on.database().write(() -> store.insert(state, token, sealed));
            return state;
        }

        private boolean advance(SignIn state, long version) {
            return on.database().write(() -> store.advance(state, version, Optional.empty()));
        }

        private boolean consume(long version, Instant at) {
            return on.database().write(() -> store.consume(id, version, at));
        }

        @Test
        void a_sign_in_reads_back_by_its_token_in_its_environment() {
            SignIn.Asked state = insert(Optional.of(new byte[] {0, 1, -1}));
            SignInStore.Row row = store.find(environment, token, NOW).orElseThrow();
            assertThat(row.state()).isEqualTo(state);
            assertThat(row.version()).isZero();
            assertThat(row.sealedData())
                    .hasValueSatisfying(bytes -> assertThat(bytes).containsExactly(0, 1, -1));
            assertThat(store.find(on.environment().id(), token, NOW)).isEmpty();
            assertThat(store.find(environment, "another", NOW)).isEmpty();
        }

        @Test
        void an_expired_one_is_not_there() {
            insert(Optional.empty());
            assertThat(store.find(environment, token, END.minusMillis(1))).isPresent();
            assertThat(store.find(environment, token, END)).isEmpty();
            assertThat(consume(0, END)).isFalse();
        }

        @Test
        void a_step_is_taken_from_the_version_it_was_read_at() {
            insert(Optional.of(new byte[] {1}));
            SignIn.Asked next = asked("Bea", FactorKind.TOTP);
            assertThat(advance(next, 1)).isFalse();
            assertThat(advance(next, 0)).isTrue();
            assertThat(advance(asked("Bea", FactorKind.RECOVERY), 0)).isFalse();
            SignInStore.Row row = store.find(environment, token, NOW).orElseThrow();
            assertThat(row.state()).isEqualTo(next);
            assertThat(row.version()).isEqualTo(1);
            assertThat(row.sealedData()).as("the secret of the step before").isEmpty();
        }

        @Test
        void of_steps_taken_at_once_one_counts() throws Exception {
            insert(Optional.empty());
            for (int version = 0; version < 3; version++) {
                long expected = version;
                List<Boolean> all = Crowd.together(8, () -> advance(asked("Bea", FactorKind.TOTP), expected));
                assertThat(all.stream().filter(won -> won)).hasSize(1);
            }
        }

        @Test
        void it_is_finished_once_and_at_its_version() throws Exception {
            insert(Optional.empty());
            assertThat(consume(1, NOW)).isFalse();
            List<Boolean> all = Crowd.together(8, () -> consume(0, NOW));
            assertThat(all.stream().filter(won -> won)).hasSize(1);
            assertThat(store.find(environment, token, NOW)).isEmpty();
        }

        @Test
        void finishing_and_going_on_at_once_are_one_of_the_two() throws Exception {
            for (int round = 0; round < 10; round++) {
                SignInId one = new SignInId(TestInstallation.fresh("sign-in"));
                SignIn.Heading heading =
                        new SignIn.Heading(one, environment, Target.ACCOUNT, "", Optional.empty(), END);
                SignIn state = new SignIn.Started(heading);
                on.database().write(() -> store.insert(state, one.value(), Optional.empty()));
                java.util.concurrent.atomic.AtomicInteger turn = new java.util.concurrent.atomic.AtomicInteger();
                List<Boolean> both = Crowd.together(
                        2,
                        () -> turn.getAndIncrement() == 0
                                ? on.database().<Boolean>write(() -> store.consume(one, 0, NOW))
                                : on.database().<Boolean>write(() -> store.advance(state, 0, Optional.empty())));
                assertThat(both).containsExactlyInAnyOrder(true, false);
            }
        }

        @Test
        void what_expired_is_forgotten_and_nothing_else() {
            insert(Optional.empty());
            on.database().write(() -> store.deleteExpired(END.minusMillis(1)));
            assertThat(store.find(environment, token, NOW)).isPresent();
            on.database().write(() -> store.deleteExpired(END));
            assertThat(store.find(environment, token, NOW)).isEmpty();
        }

        @Test
        void whatever_is_typed_as_a_name_can_be_stored() {
            SignIn.Asked strange = asked("a\u0000b\"\\\n\ud800\uD83D\uDE00" + "x".repeat(200), FactorKind.PASSWORD);
            on.database().write(() -> store.insert(strange, token, Optional.empty()));
            assertThat(store.find(environment, token, NOW)).isPresent();
        }
    }
}
