package dev.countersign.administration;

import static dev.countersign.support.TestInstallation.ACTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.moving.MovingIn;
import dev.countersign.people.People;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.Postbox;
import dev.countersign.support.TestServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** B4: what an operator's agreement withholds at every door, and what goes on whatever it says, because it protects people. */
class LicenceTest {
    private final TestServer server = TestServer.start();
    private final Postbox post = new Postbox();
    private Account ada = server.person("ada", Role.ADMINISTRATOR);

    @BeforeEach
    void mailWorks() {
        ada = server.get(Accounts.class).get(ada.id());
        MailSettings settings = new MailSettings(
                "127.0.0.1", post.port(), MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        server.get(MailServer.class)
                .change(server.environment().id(), settings, Optional.empty(), ACTOR, Origin.SYSTEM, now());
    }

    @AfterEach
    void stop() {
        server.close();
        post.close();
    }

    private Instant now() {
        return server.clock().instant();
    }

    private void agree(Set<Feature> features, Optional<Long> seats, Optional<Instant> end) {
        server.get(Entitlements.class)
                .set(server.environment().id(), new Entitlement(features, seats, end), ACTOR, Origin.SYSTEM, now());
    }

    private void everythingHasEnded() {
        agree(EnumSet.allOf(Feature.class), Optional.empty(), Optional.of(now().minusSeconds(1)));
    }

    private Administrator by() {
        return new Administrator(
                server.environment().id(),
                Optional.of(ada.id()),
                server.get(Accounts.class).rights(ada),
                ACTOR,
                Origin.SYSTEM);
    }

    private ApiKeys.Creation key() {
        return server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                ada,
                                "deploy",
                                Scopes.parse(List.of("view-people")).orElseThrow(),
                                now().plus(Duration.ofDays(1))),
                        new ApiKeys.Giver.CommandLine(),
                        ACTOR,
                        Origin.SYSTEM,
                        now());
    }

    private MovingIn.Result importing(boolean dryRun) throws IOException {
        MovingIn.Source source = new MovingIn.Source() {
            @Override
            public String name() {
                return "people.jsonl";
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream("{\"username\":\"new.one\",\"email\":\"new.one@northwind.example\"}\n"
                        .getBytes(StandardCharsets.UTF_8));
            }
        };
        MovingIn.Options options = new MovingIn.Options(MovingIn.Format.JSONL, dryRun, false, false);
        return server.get(MovingIn.class).run(by(), source, options, now(), _ -> {});
    }

    private Outcome<BulkRun> bulk(BulkAction action, Account... people) {
        return server.get(BulkJobs.class)
                .start(
                        by(),
                        new Selection.Named(
                                List.of(people).stream().map(Account::id).toList()),
                        action,
                        now());
    }

    @Test
    void after_the_end_nothing_new_is_begun() throws IOException {
        Account bea = server.person("bea");
        everythingHasEnded();
        assertThat(key()).isInstanceOf(ApiKeys.Creation.NotEntitled.class);
        assertThat(importing(false)).isEqualTo(new MovingIn.Result.Refused(Refusal.LICENCE_ENDED));
        assertThat(importing(true)).isInstanceOf(MovingIn.Result.Done.class);
        assertThat(bulk(new BulkAction.Invite(), bea)).isEqualTo(Outcome.refused(Refusal.LICENCE_ENDED));
        assertThat(bulk(new BulkAction.Remind(), bea)).isEqualTo(Outcome.refused(Refusal.LICENCE_ENDED));
        BulkRun required = ((Outcome.Done<BulkRun>) bulk(new BulkAction.Require(), bea)).value();
        assertThat(server.get(BulkJobs.class).items(required, true, "", 10))
                .extracting(BulkRun.Item::refusal)
                .containsExactly(Optional.of(Refusal.LICENCE_ENDED));
        assertThat(server.get(SecurityAdministration.class)
                        .armStart(by(), "go-live", Duration.ZERO, new Rules.Scope.Everyone(), now()))
                .isEqualTo(Outcome.refused(Refusal.LICENCE_ENDED));
        assertThat(server.get(Policies.class).rules(server.environment().id()).mode())
                .isNotEqualTo(Rules.Mode.REQUIRED);
    }

    @Test
    void after_the_end_everything_that_protects_people_goes_on() {
        ApiKeys.Creation.Created key = (ApiKeys.Creation.Created) key();
        TestServer.Enrolled bea = server.enrolled("bea");
        server.policy(Rules.Mode.REQUIRED);
        everythingHasEnded();

        assertThat(server.browser().signIn("bea", TestServer.PASSWORD).location())
                .as("asked for the code")
                .contains("/sign-in");
        assertThat(server.get(ApiKeys.class)
                        .find(server.environment().id(), key.secret().reveal(), "192.0.2.1", now())
                        .isPresent())
                .as("a key that exists")
                .isTrue();
        PeopleAdministration people = server.get(PeopleAdministration.class);
        assertThat(people.unlock(by(), bea.account().id(), now())).isInstanceOf(Outcome.Done.class);
        assertThat(people.replacePhone(by(), bea.account().id(), now())).isInstanceOf(Outcome.Done.class);
        assertThat(people.reset(by(), bea.account().id(), now())).isInstanceOf(Outcome.Done.class);
        assertThat(post.await("bea@northwind.example", "reset", 1).text())
                .as("the mail that tells of it")
                .contains("This was not me");
        var browser = server.browser();
        browser.signIn("bea", TestServer.PASSWORD);
        assertThat(browser.visit("/sign-in/enrol").body()).as("registration").contains("secret=");
    }

    @Test
    void what_is_on_can_be_kept_and_made_smaller_and_group_members_come_and_go() {
        Account bea = server.person("bea");
        Group sales = server.group("Sales", bea);
        server.requireFor(sales, server.group("Support", server.person("carl")));
        everythingHasEnded();
        Rules now = server.get(Policies.class).rules(server.environment().id());
        Rules smaller = new Rules(
                Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.<GroupId>of(sales.id()), Set.of()), now.version());
        assertThat(change(smaller)).isInstanceOf(Outcome.Done.class);
        server.get(Groups.class).add(sales, server.person("dora"), ACTOR, Origin.SYSTEM, now());
        assertThat(server.get(People.class).seats(server.environment().id(), now()))
                .isEqualTo(2);
    }

    private Outcome<Outcome.Nothing> change(Rules rules) {
        return server.get(SecurityAdministration.class)
                .change(by(), rules, server.environment().style(), "", now());
    }

    @Test
    void a_seat_is_a_person_of_whom_a_second_factor_is_required_at_every_door() {
        server.enrolled("bea");
        Account carl = server.person("carl");
        Group sales = server.group("Sales", carl);
        agree(EnumSet.allOf(Feature.class), Optional.of(1L), Optional.empty());
        assertThat(server.get(People.class).seats(server.environment().id(), now()))
                .as("bea has set it up unasked")
                .isZero();
        assertThat(server.get(SecurityAdministration.class)
                        .armStart(by(), "go-live", Duration.ZERO, new Rules.Scope.Everyone(), now()))
                .as("no way around by an event")
                .isEqualTo(Outcome.refused(Refusal.TOO_FEW_SEATS));
        server.requireFor(sales);
        assertThat(server.get(People.class).seats(server.environment().id(), now()))
                .isOne();
        BulkRun more = ((Outcome.Done<BulkRun>)
                        bulk(new BulkAction.Require(), server.person("dora"), server.person("emil")))
                .value();
        assertThat(more.refused()).isEqualTo(2);
        Rules now = server.get(Policies.class).rules(server.environment().id());
        assertThat(change(new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), now.version())))
                .isEqualTo(Outcome.refused(Refusal.TOO_FEW_SEATS));
    }
}
