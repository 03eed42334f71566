package dev.countersign.apikey;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.signal.Signals;
import dev.countersign.store.Database;
import dev.countersign.support.TestInstallation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** API keys, on both databases. */
class ApiKeysTest {
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
        private final ApiKeys keys;
        private final Environment acme;
        private final Account ada;

        Contract(TestInstallation on) {
            this.on = on;
            this.keys = on.get(ApiKeys.class);
            this.acme = on.environment();
            this.ada = on.person(acme, "ada", Role.ADMINISTRATOR);
        }

        private ApiKeys.Creation create(ApiKeys.Giver giver, Instant end, String name, String... scopes) {
            return keys.create(
                    new ApiKeys.Wish(ada, name, Scopes.parse(List.of(scopes)).orElseThrow(), end),
                    giver,
                    ACTOR,
                    Origin.SYSTEM,
                    NOW);
        }

        private ApiKeys.Creation.Created created(String... scopes) {
            return (ApiKeys.Creation.Created)
                    create(new ApiKeys.Giver.CommandLine(), NOW.plus(Duration.ofDays(9)), "deploy", scopes);
        }

        private Optional<ApiKeys.InUse> find(ApiKeys.Creation.Created made, Instant now) {
            return keys.find(acme.id(), made.secret().reveal(), "192.0.2.1", now);
        }

        @Test
        void is_found_by_what_was_shown_once_in_its_environment_and_time() {
            ApiKeys.Creation.Created made = created("view-people", "operator");
            assertThat(find(made, NOW)).hasValueSatisfying(key -> {
                assertThat(key.rights()).isEqualTo(new Rights(Set.of(Permission.VIEW_PEOPLE)));
                assertThat(key.isOperator()).isTrue();
                assertThat(key.actor().name()).isEqualTo("ada (API key deploy)");
            });
            assertThat(find(made, made.key().expiresAt())).isEmpty();
            assertThat(keys.find(on.environment().id(), made.secret().reveal(), "192.0.2.1", NOW))
                    .isEmpty();
            assertThat(on.count(
                            "SELECT count(*) FROM api_key WHERE token_hash LIKE ?",
                            "%" + made.secret().reveal().substring(4) + "%"))
                    .isZero();
        }

        @Test
        void is_useless_once_revoked_and_that_is_logged_once() {
            ApiKeys.Creation.Created made = created("view-people");
            assertThat(keys.revoke(acme.id(), made.key().id(), ACTOR, Origin.SYSTEM, NOW))
                    .isTrue();
            assertThat(keys.revoke(acme.id(), made.key().id(), ACTOR, Origin.SYSTEM, NOW))
                    .isFalse();
            assertThat(find(made, NOW)).isEmpty();
            assertThat(on.log(acme)).containsOnlyOnce("api-key-created", "api-key-revoked");
        }

        private Database.Traffic asked(ApiKeys.Creation.Created made, boolean works) {
            Database.Traffic before = on.get(Database.class).traffic();
            assertThat(find(made, NOW).isPresent()).isEqualTo(works);
            return on.get(Database.class).traffic().since(before);
        }

        @Test
        void is_asked_of_the_database_once_and_again_when_anything_about_it_or_its_owner_changes() {
            ApiKeys.Creation.Created made = created("view-people");
            ApiKeys.Creation.Created revoked = created("view-people");
            Database.Traffic nothing = new Database.Traffic(0, 0);
            List<Runnable> changes = List.of(
                    () -> keys.revoke(acme.id(), revoked.key().id(), ACTOR, Origin.SYSTEM, NOW),
                    () -> on.get(Accounts.class).changeRole(ada, Role.AUDITOR, ACTOR, Origin.SYSTEM, NOW));
            assertThat(asked(made, true)).as("the first use is noted").isNotEqualTo(nothing);
            for (Runnable change : changes) {
                on.get(Signals.class).read();
                asked(made, true);
                assertThat(asked(made, true)).as("it is kept").isEqualTo(nothing);
                change.run();
                assertThat(asked(made, true)).isNotEqualTo(nothing);
            }
            assertThat(find(revoked, NOW)).isEmpty();
            assertThat(asked(made, true)).isEqualTo(nothing);
            on.get(Database.class).write(() -> on.get(Accounts.class).disable(ada, ACTOR, Origin.SYSTEM, NOW));
            assertThat(find(made, NOW)).isEmpty();
        }

        @Test
        void keeps_nothing_while_it_does_not_hear_of_other_servers() {
            ApiKeys.Creation.Created made = created("view-people");
            find(made, NOW);
            assertThat(asked(made, true)).isNotEqualTo(new Database.Traffic(0, 0));
        }

        @Test
        void nobody_gives_more_than_they_have() {
            ApiKeys.Giver limited = new ApiKeys.Giver.Person(new Rights(Set.of(Permission.VIEW_PEOPLE)));
            Instant end = NOW.plus(Duration.ofDays(1));
            assertThat(create(limited, end, "a", "view-people")).isInstanceOf(ApiKeys.Creation.Created.class);
            assertThat(create(limited, end, "a", "edit-people"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.SCOPE_BEYOND_RIGHTS));
            assertThat(create(new ApiKeys.Giver.Person(Rights.ALL), end, "a", "operator"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.SCOPE_OF_OPERATOR));
        }

        @Test
        void bounds() {
            ApiKeys.Giver line = new ApiKeys.Giver.CommandLine();
            Instant end = NOW.plus(Duration.ofDays(1));
            assertThat(create(line, end, " ", "view-people"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.NAME_INVALID));
            assertThat(create(line, end, "x".repeat(101), "view-people"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.NAME_INVALID));
            assertThat(create(line, end, "a")).isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.NO_SCOPES));
            assertThat(create(line, NOW, "a", "view-people"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.EXPIRY_INVALID));
            assertThat(create(line, NOW.plus(Duration.ofDays(401)), "a", "view-people"))
                    .isEqualTo(new ApiKeys.Creation.Refused(ApiKeys.Problem.EXPIRY_INVALID));
        }

        @Test
        void a_licence_without_them_makes_no_new_ones_and_leaves_the_old() {
            ApiKeys.Creation.Created made = created("view-people");
            on.get(Entitlements.class)
                    .set(
                            acme.id(),
                            new Entitlement(Set.of(Feature.MAIL), Optional.empty(), Optional.empty()),
                            ACTOR,
                            Origin.SYSTEM,
                            NOW);
            assertThat(create(new ApiKeys.Giver.CommandLine(), NOW.plusSeconds(60), "b", "view-people"))
                    .isInstanceOf(ApiKeys.Creation.NotEntitled.class);
            assertThat(find(made, NOW)).isPresent();
        }

        @Test
        void its_use_is_noted_once_a_minute() {
            ApiKeys.Creation.Created made = created("view-people");
            for (int second : List.of(0, 30, 59, 60)) {
                find(made, NOW.plusSeconds(second));
            }
            assertThat(keys.find(acme.id(), made.key().id()).orElseThrow().lastUse())
                    .contains(new ApiKey.LastUse(NOW.plusSeconds(60), "192.0.2.1"));
        }
    }
}
