package dev.countersign.signin;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.session.Notice;
import dev.countersign.session.Notices;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What people are reminded of until it is done, on both databases. */
class AccountNoticesTest {
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
        private final TestInstallation on;
        private final Environment environment;
        private final Account bea;

        Contract(TestInstallation on) {
            this.on = on;
            this.environment = on.environment();
            this.bea = on.person(environment, "bea", Role.USER);
        }

        private java.util.List<Notice> notices() {
            return on.get(Notices.class).of(bea.id(), NOW);
        }

        private void rule(Rules.Mode mode) {
            long version = on.get(Policies.class).rules(environment.id()).version();
            Rules rules = new Rules(mode, new Rules.Scope.Everyone(), version);
            on.get(Policies.class).change(environment.id(), rules, ACTOR, Origin.SYSTEM, NOW);
        }

        private void register() {
            on.database().write(() -> {
                Apps apps = on.get(Apps.class);
                apps.register(bea, apps.newSecret(), Totp.DEFAULT.step(NOW), ACTOR, Origin.SYSTEM, NOW);
            });
        }

        @Test
        void while_it_is_off_nobody_is_reminded() {
            assertThat(notices()).isEmpty();
        }

        @Test
        void while_it_is_on_whoever_has_not_set_it_up_is_reminded_until_they_have() {
            for (Rules.Mode mode : new Rules.Mode[] {Rules.Mode.OPTIONAL, Rules.Mode.REQUIRED}) {
                rule(mode);
                assertThat(notices()).containsExactly(Notice.of(Notice.Kind.NOT_SET_UP));
            }
            register();
            assertThat(notices()).containsExactly(Notice.of(Notice.Kind.RECOVERY_CODE_MISSING));
            on.database().write(() -> {
                SecretText code = on.get(RecoveryCodes.class).issue(bea, ACTOR, Origin.SYSTEM, NOW);
                on.get(RecoveryCodes.class).confirm(bea, code, ACTOR, Origin.SYSTEM, NOW);
            });
            assertThat(notices()).isEmpty();
        }

        @Test
        void whoever_is_exempt_is_told_the_day_from_which_it_counts() {
            rule(Rules.Mode.REQUIRED);
            Instant until = NOW.plus(Duration.ofDays(3));
            on.get(Policies.class).exempt(bea, "no phone yet", until, ACTOR, Origin.SYSTEM, NOW);
            assertThat(notices()).containsExactly(Notice.of(Notice.Kind.EXEMPTION_ENDS, until));
            rule(Rules.Mode.OPTIONAL);
            assertThat(notices()).containsExactly(Notice.of(Notice.Kind.NOT_SET_UP));
        }
    }
}
