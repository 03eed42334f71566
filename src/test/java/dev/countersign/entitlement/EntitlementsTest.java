package dev.countersign.entitlement;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityLog;
import dev.countersign.configuration.SettingKey;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an operator agrees with a customer: it stops what is new, never what protects people. */
class EntitlementsTest {
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
        private final Entitlements entitlements;
        private final Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.entitlements = on.get(Entitlements.class);
            this.acme = on.environment();
        }

        private void set(Entitlement entitlement) {
            entitlements.set(acme.id(), entitlement, ACTOR, Origin.SYSTEM, NOW);
        }

        private Verdict allows(Feature feature, long seats) {
            return entitlements.allows(acme.id(), feature, seats, NOW);
        }

        @Test
        void where_nothing_is_agreed_everything_is_included() {
            for (Feature feature : Feature.values()) {
                assertThat(allows(feature, 1_000_000)).isEqualTo(new Verdict.Allowed());
            }
            assertThat(entitlements.status(acme.id(), 7, NOW).limited()).isFalse();
        }

        @Test
        void what_is_not_included_is_refused_with_its_reason() {
            set(new Entitlement(Set.of(Feature.REQUIRED_MODE), Optional.of(50L), Optional.of(NOW.plusSeconds(60))));
            assertThat(allows(Feature.REQUIRED_MODE, 50)).isEqualTo(new Verdict.Allowed());
            assertThat(allows(Feature.REQUIRED_MODE, 51))
                    .isEqualTo(new Verdict.TooFewSeats(Feature.REQUIRED_MODE, 50, 51));
            assertThat(allows(Feature.GROUP_SCOPE, 0)).isEqualTo(new Verdict.NotIncluded(Feature.GROUP_SCOPE));
            assertThat(entitlements.allows(acme.id(), Feature.REQUIRED_MODE, 1, NOW.plusSeconds(60)))
                    .isEqualTo(new Verdict.Ended(Feature.REQUIRED_MODE, NOW.plusSeconds(60)));
            Status status = entitlements.status(acme.id(), 12, NOW.plusSeconds(61));
            assertThat(status.expiredSince()).contains(NOW.plusSeconds(60));
            assertThat(status.seatsUsed()).isEqualTo(12);
        }

        @Test
        void each_change_is_logged_with_what_it_was_before() {
            set(new Entitlement(Set.of(Feature.API), Optional.of(5L), Optional.empty()));
            entitlements.remove(acme.id(), ACTOR, Origin.SYSTEM, NOW);
            assertThat(on.get(ActivityLog.class).newest(acme.id(), 10))
                    .filteredOn(entry -> entry.kind().equals("entitlement-changed"))
                    .extracting(entry -> entry.details())
                    .satisfiesExactly(
                            last -> assertThat(last).contains("\"before\":\"api; 5 seats; without end\""),
                            first -> assertThat(first).contains("\"after\":\"api; 5 seats; without end\""));
            assertThat(entitlements.remove(acme.id(), ACTOR, Origin.SYSTEM, NOW))
                    .isFalse();
        }
    }

    private static String signed(PrivateKey key, String header, String payload) throws GeneralSecurityException {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        String text = encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                + encoder.encodeToString(payload.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + encoder.encodeToString(signature.sign());
    }

    private static String payload(String environment, String issuedAt) {
        return "{\"environment\":\"" + environment
                + "\",\"features\":[\"required-mode\",\"api\"],\"seats\":25,\"endsAt\":"
                + "\"2027-01-01T00:00:00Z\",\"issuedAt\":\"" + issuedAt + "\"}";
    }

    private static final String HEADER = "{\"alg\":\"EdDSA\"}";

    @Test
    void a_file_counts_if_the_operator_signed_it_for_this_environment_and_no_later_one_is_there() throws Exception {
        KeyPair operator = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair stranger = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String key = Base64.getEncoder().encodeToString(operator.getPublic().getEncoded());
        try (TestServer server = TestServer.start(Map.of(SettingKey.OPERATOR_KEY, key))) {
            Entitlements entitlements = server.get(Entitlements.class);
            String good = signed(operator.getPrivate(), HEADER, payload("default", "2026-03-01T00:00:00Z"));
            assertThat(install(
                            server, signed(stranger.getPrivate(), HEADER, payload("default", "2026-03-01T00:00:00Z"))))
                    .isEqualTo(refused(SignedEntitlement.Problem.NOT_SIGNED));
            assertThat(install(server, good.substring(0, good.length() - 4) + "AAAA"))
                    .isEqualTo(refused(SignedEntitlement.Problem.NOT_SIGNED));
            assertThat(install(
                            server,
                            signed(
                                    operator.getPrivate(),
                                    "{\"alg\":\"none\"}",
                                    payload("default", "2026-03-01T00:00:00Z"))))
                    .isEqualTo(refused(SignedEntitlement.Problem.NOT_SIGNED));
            assertThat(install(server, signed(operator.getPrivate(), HEADER, payload("acme", "2026-03-01T00:00:00Z"))))
                    .isEqualTo(refused(SignedEntitlement.Problem.OTHER_ENVIRONMENT));
            assertThat(install(server, signed(operator.getPrivate(), HEADER, "{\"environment\":\"default\"}")))
                    .isEqualTo(refused(SignedEntitlement.Problem.UNREADABLE));
            assertThat(install(server, "")).isEqualTo(refused(SignedEntitlement.Problem.NOT_SIGNED));
            assertThat(install(server, good)).isInstanceOf(Entitlements.Installed.Done.class);
            assertThat(install(
                            server, signed(operator.getPrivate(), HEADER, payload("default", "2026-02-01T00:00:00Z"))))
                    .isEqualTo(refused(SignedEntitlement.Problem.OLDER));
            Status status = entitlements.status(
                    server.environment().id(), 0, server.clock().instant());
            assertThat(status.entitlement().seats()).contains(25L);
            assertThat(entitlements.allows(
                            server.environment().id(),
                            Feature.MAIL,
                            0,
                            server.clock().instant()))
                    .isInstanceOf(Verdict.NotIncluded.class);
        }
    }

    @Test
    void an_end_that_has_passed_stops_neither_sign_in_nor_registration() {
        try (TestServer server = TestServer.start()) {
            server.policy(dev.countersign.policy.Rules.Mode.REQUIRED);
            server.get(Entitlements.class)
                    .set(
                            server.environment().id(),
                            new Entitlement(
                                    Set.of(),
                                    Optional.of(1L),
                                    Optional.of(server.clock().instant().minus(Duration.ofDays(1)))),
                            ACTOR,
                            Origin.SYSTEM,
                            server.clock().instant());
            server.person("bea");
            var browser = server.browser();
            browser.signIn("bea", TestServer.PASSWORD);
            assertThat(browser.visit("/sign-in/enrol").body()).contains("secret=");
            assertThat(server.get(dev.countersign.policy.Policies.class)
                            .rules(server.environment().id())
                            .mode())
                    .isEqualTo(dev.countersign.policy.Rules.Mode.REQUIRED);
        }
    }

    private static Entitlements.Installed refused(SignedEntitlement.Problem problem) {
        return new Entitlements.Installed.Refused(problem);
    }

    private static Entitlements.Installed install(TestServer server, String file) {
        return server.get(Entitlements.class)
                .install(
                        server.environment(),
                        file,
                        ACTOR,
                        Origin.SYSTEM,
                        server.clock().instant());
    }
}
