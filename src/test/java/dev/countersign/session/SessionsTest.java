package dev.countersign.session;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.ActivityEvent.EndReason;
import dev.countersign.directory.Account;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proof.Means;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.Role;
import dev.countersign.support.Crowd;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Sessions and known browsers, on both databases. */
class SessionsTest {
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

    @Test
    void lasts_an_hour_unused_and_a_day_at_most() {
        assertThat(SessionSettings.DEFAULT.idle()).isEqualTo(Duration.ofHours(1));
        assertThat(SessionSettings.DEFAULT.absolute()).isEqualTo(Duration.ofHours(24));
        assertThatThrownBy(() -> new SessionSettings(
                        Duration.ofHours(2), Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(90)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    abstract static class Contract {
        private static final Origin ORIGIN = new Origin("portal", "192.0.2.7", "Firefox, Linux", "request-1");

        private final TestInstallation on;
        private final Sessions sessions;
        private final Environment acme;
        private final Account bea;

        Contract(TestInstallation on) {
            this.on = on;
            this.sessions = on.get(Sessions.class);
            this.acme = on.environment();
            this.bea = on.person(acme, "bea", Role.USER);
        }

        private Sessions.Issued issue(Account account, Channel channel) {
            Proofs proofs = Proofs.NONE
                    .with(new Proof(FactorKind.PASSWORD, account.id(), Means.ANSWERED, NOW.minusSeconds(60)))
                    .with(new Proof(FactorKind.TOTP, account.id(), Means.ENROLLED, NOW));
            return on.database()
                    .write(() -> sessions.issue(account.environment(), account.id(), proofs, ORIGIN, channel, NOW));
        }

        private Sessions.Issued issue() {
            return issue(bea, Channel.COOKIE);
        }

        private Optional<Session> find(Sessions.Issued issued, Instant at) {
            return sessions.find(acme.id(), Channel.COOKIE, issued.token(), at);
        }

        @Test
        void a_session_reads_back_as_issued() {
            Sessions.Issued issued = issue();
            Session found = find(issued, NOW).orElseThrow();
            assertThat(found.proofs()).isEqualTo(issued.session().proofs());
            assertThat(found.account()).isEqualTo(bea.id());
            assertThat(found.createdAt()).isEqualTo(NOW);
            assertThat(found.expiresAt()).isEqualTo(NOW.plus(Duration.ofHours(24)));
            assertThat(found.origin().address()).isEqualTo("192.0.2.7");
            assertThat(found.origin().browser()).isEqualTo("Firefox, Linux");
        }

        @Test
        void a_session_is_issued_only_in_the_transaction_that_earned_it() {
            assertThatThrownBy(() -> sessions.issue(acme.id(), bea.id(), Proofs.NONE, ORIGIN, Channel.COOKIE, NOW))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void the_token_is_stored_nowhere() {
            String token = issue().token().reveal();
            assertThat(on.count("SELECT count(*) FROM session WHERE token_hash LIKE ?", "%" + token + "%"))
                    .isZero();
            assertThat(on.count(
                            "SELECT count(*) FROM session WHERE account_id = ?",
                            bea.id().value()))
                    .isEqualTo(1);
        }

        @Test
        void a_token_opens_its_session_only_in_its_channel_and_environment() {
            Sessions.Issued cookie = issue();
            Sessions.Issued bearer = issue(bea, Channel.BEARER);
            Environment other = on.environment();
            assertThat(sessions.find(acme.id(), Channel.BEARER, cookie.token(), NOW))
                    .isEmpty();
            assertThat(sessions.find(acme.id(), Channel.COOKIE, bearer.token(), NOW))
                    .isEmpty();
            assertThat(sessions.find(other.id(), Channel.COOKIE, cookie.token(), NOW))
                    .isEmpty();
            assertThat(sessions.find(
                            acme.id(), Channel.COOKIE, on.get(Randomness.class).token(), NOW))
                    .isEmpty();
            assertThat(sessions.find(acme.id(), Channel.BEARER, bearer.token(), NOW))
                    .isPresent();
        }

        @Test
        void an_idle_session_ends_after_an_hour() {
            Sessions.Issued over = issue();
            assertThat(find(over, NOW.plus(Duration.ofHours(1)))).isEmpty();
            assertThat(find(over, NOW.plus(Duration.ofMinutes(30))))
                    .as("a clock that is set back brings nothing back")
                    .isEmpty();
            Sessions.Issued issued = issue();
            assertThat(find(issued, NOW.plus(Duration.ofHours(1)).minusMillis(1)))
                    .isPresent();
            assertThat(find(issued, NOW.plus(Duration.ofMinutes(119))))
                    .as("used again")
                    .isPresent();
        }

        @Test
        void a_used_session_ends_after_a_day_all_the_same() {
            Sessions.Issued issued = issue();
            Instant at = NOW;
            while (at.isBefore(NOW.plus(Duration.ofHours(24)))) {
                assertThat(find(issued, at)).as("%s", at).isPresent();
                at = at.plus(Duration.ofMinutes(30));
            }
            assertThat(find(issued, NOW.plus(Duration.ofHours(24)))).isEmpty();
        }

        @Test
        void use_is_noted_once_a_minute() {
            Sessions.Issued issued = issue();
            find(issued, NOW.plusSeconds(59));
            assertThat(sessions.liveOf(bea.id(), NOW).getFirst().lastSeenAt()).isEqualTo(NOW);
            find(issued, NOW.plusSeconds(60));
            assertThat(sessions.liveOf(bea.id(), NOW).getFirst().lastSeenAt()).isEqualTo(NOW.plusSeconds(60));
            find(issued, NOW.plusSeconds(10));
            assertThat(sessions.liveOf(bea.id(), NOW).getFirst().lastSeenAt())
                    .as("a clock that jumps back")
                    .isEqualTo(NOW.plusSeconds(60));
        }

        @Test
        void only_the_owner_ends_a_session_and_once() {
            Sessions.Issued issued = issue();
            Account carl = on.person(acme, "carl", Role.USER);
            assertThat(end(carl, issued)).isFalse();
            assertThat(find(issued, NOW)).isPresent();
            assertThat(end(bea, issued)).isTrue();
            assertThat(end(bea, issued)).isFalse();
            assertThat(find(issued, NOW)).isEmpty();
            assertThat(on.log(acme).stream().filter("session-ended"::equals)).hasSize(1);
        }

        @Test
        void ending_a_session_at_once_from_two_places_is_logged_once() throws Exception {
            Sessions.Issued issued = issue();
            List<Boolean> all = Crowd.together(8, () -> end(bea, issued));
            assertThat(all.stream().filter(ended -> ended)).hasSize(1);
            assertThat(on.log(acme).stream().filter("session-ended"::equals)).hasSize(1);
        }

        private boolean end(Account account, Sessions.Issued issued) {
            return sessions.end(
                    acme.id(), account.id(), issued.session().id(), EndReason.SIGNED_OUT, ACTOR, ORIGIN, NOW);
        }

        @Test
        void the_others_end_and_the_kept_one_stays() {
            Sessions.Issued kept = issue();
            Sessions.Issued ended = issue();
            Account carl = on.person(acme, "carl", Role.USER);
            Sessions.Issued carls = issue(carl, Channel.COOKIE);
            int count = sessions.endOthers(
                    acme.id(),
                    bea.id(),
                    Optional.of(kept.session().id()),
                    EndReason.ENDED_BY_OWNER,
                    ACTOR,
                    ORIGIN,
                    NOW);
            assertThat(count).isEqualTo(1);
            assertThat(find(kept, NOW)).isPresent();
            assertThat(find(ended, NOW)).isEmpty();
            assertThat(find(carls, NOW)).isPresent();
            assertThat(sessions.endOthers(acme.id(), bea.id(), Optional.empty(), EndReason.RESET, ACTOR, ORIGIN, NOW))
                    .isEqualTo(1);
            assertThat(find(kept, NOW)).isEmpty();
        }

        @Test
        void the_list_of_an_account_shows_what_is_alive_last_used_first() {
            Sessions.Issued first = issue();
            Sessions.Issued second = issue();
            find(first, NOW.plus(Duration.ofMinutes(10)));
            assertThat(sessions.liveOf(bea.id(), NOW.plus(Duration.ofMinutes(10))))
                    .extracting(Session::id)
                    .containsExactly(first.session().id(), second.session().id());
            assertThat(sessions.liveOf(bea.id(), NOW.plus(Duration.ofMinutes(65))))
                    .extracting(Session::id)
                    .containsExactly(first.session().id());
        }

        @Test
        void what_has_ended_is_forgotten_and_nothing_else() {
            Sessions.Issued dead = issue();
            Sessions.Issued alive = issue();
            find(alive, NOW.plus(Duration.ofMinutes(50)));
            sessions.forgetDead(NOW.plus(Duration.ofMinutes(90)));
            assertThat(stored(dead)).isZero();
            assertThat(stored(alive)).isEqualTo(1);
        }

        private long stored(Sessions.Issued issued) {
            return on.count(
                    "SELECT count(*) FROM session WHERE id = ?",
                    issued.session().id().value());
        }

        @Test
        void a_browser_is_known_to_the_accounts_that_signed_in_with_it() {
            Token browser = on.get(Randomness.class).token();
            Account carl = on.person(acme, "carl", Role.USER);
            Account dora = on.person(acme, "dora", Role.USER);
            for (Account account : List.of(bea, carl)) {
                on.database().write(() -> sessions.rememberBrowser(acme.id(), account.id(), browser, "192.0.2.7", NOW));
            }
            assertThat(sessions.isKnownBrowser(bea.id(), browser, NOW)).isTrue();
            assertThat(sessions.isKnownBrowser(carl.id(), browser, NOW)).isTrue();
            assertThat(sessions.isKnownBrowser(dora.id(), browser, NOW)).isFalse();
            assertThat(sessions.isKnownBrowser(
                            bea.id(), on.get(Randomness.class).token(), NOW))
                    .isFalse();
            assertThat(sessions.isKnownAddress(bea.id(), "192.0.2.7", NOW)).isTrue();
            assertThat(sessions.isKnownAddress(bea.id(), "192.0.2.8", NOW)).isFalse();
        }

        @Test
        void a_browser_is_forgotten_after_ninety_days_without_a_sign_in() {
            Token browser = on.get(Randomness.class).token();
            remember(browser, "192.0.2.7", NOW);
            remember(browser, "192.0.2.9", NOW.plus(Duration.ofDays(60)));
            Instant later = NOW.plus(Duration.ofDays(120));
            assertThat(sessions.isKnownBrowser(bea.id(), browser, later)).isTrue();
            assertThat(sessions.isKnownAddress(bea.id(), "192.0.2.9", later)).isTrue();
            assertThat(sessions.isKnownAddress(bea.id(), "192.0.2.7", later))
                    .as("where it was before")
                    .isFalse();
            assertThat(sessions.isKnownBrowser(bea.id(), browser, NOW.plus(Duration.ofDays(150))))
                    .isFalse();
        }

        @Test
        void all_browsers_of_an_account_are_forgotten_in_the_transaction_of_a_reset() {
            Token browser = on.get(Randomness.class).token();
            remember(browser, "192.0.2.7", NOW);
            assertThatThrownBy(() -> sessions.forgetBrowsers(bea.id())).isInstanceOf(IllegalStateException.class);
            on.database().write(() -> sessions.forgetBrowsers(bea.id()));
            assertThat(sessions.isKnownBrowser(bea.id(), browser, NOW)).isFalse();
            assertThat(sessions.isKnownAddress(bea.id(), "192.0.2.7", NOW)).isFalse();
        }

        private void remember(Token browser, String address, Instant at) {
            on.database().write(() -> sessions.rememberBrowser(acme.id(), bea.id(), browser, address, at));
        }
    }
}
