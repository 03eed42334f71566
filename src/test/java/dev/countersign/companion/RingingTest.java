package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import dev.countersign.activity.ActivityEntry;
import dev.countersign.configuration.SettingKey;
import dev.countersign.factor.companion.Approval;
import dev.countersign.policy.Rules;
import dev.countersign.support.FakePhone;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.PushSubscriber;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** How a sign-in rings a phone, by way of a push service, and what happens when it does not get through. */
class RingingTest {
    private static final LocalPushService SERVICE = LocalPushService.start();
    private static final TestServer SERVER =
            TestServer.start(Map.of(SettingKey.PUSH_ALLOWED_ENDPOINTS, SERVICE.origin()));

    @BeforeAll
    static void ask_everyone_who_has_a_phone() {
        SERVER.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
        SERVICE.close();
    }

    /** Someone whose phone is rung. */
    private record Rung(PairedPerson person, PushSubscriber browser) {
        static Rung of(String name) {
            Rung rung = new Rung(PairedPerson.of(SERVER, name), SERVICE.subscriber());
            rung.subscribe();
            return rung;
        }

        FakePhone phone() {
            return person.phone();
        }

        void subscribe() {
            Map<String, String> keys = Map.of("p256dh", browser.p256dh(), "auth", browser.auth());
            assertThat(phone().put("/me/subscription", Map.of("endpoint", browser.endpoint(), "keys", keys))
                            .status())
                    .isEqualTo(204);
        }

        JsonNode push() {
            return phone().get("/me").json().path("push");
        }

        TestBrowser signIn() {
            TestBrowser computer = SERVER.browser();
            assertThat(computer.signIn(person.account().username(), TestServer.PASSWORD)
                            .location())
                    .isEqualTo("/sign-in/approval");
            return computer;
        }
    }

    private static void until(BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("it did not come about").isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static int life(LocalPushService.Posted message) {
        return Integer.parseInt(message.headers().get("ttl"));
    }

    @Test
    void item_5_a_subscription_that_is_gone_is_dropped_and_its_owner_told() {
        for (int status : List.of(404, 410)) {
            Rung bea = Rung.of("bea." + status);
            SERVICE.answerNext(LocalPushService.Answer.status(status));
            TestBrowser computer = bea.signIn();
            SERVICE.next();
            until(() -> bea.push().path("trouble").asBoolean());
            assertThat(bea.push().path("subscribed").asBoolean()).isFalse();
            assertThat(bea.phone().requests().json().path("requests"))
                    .as("who asks is told all the same")
                    .hasSize(1);
            computer.get("/sign-in/code");
            computer.post("/sign-in/code", "code", bea.person().enrolled().app().code());
            assertThat(computer.get("/account").body()).contains("Notifications no longer reach it");

            bea.subscribe();
            assertThat(bea.push().path("trouble").asBoolean()).isFalse();
        }
    }

    @Test
    void item_5_a_push_service_that_has_no_time_is_asked_again_while_the_request_lives() {
        Rung carl = Rung.of("carl");
        SERVICE.answerNext(LocalPushService.Answer.status(429, "Retry-After: 5"));
        SERVICE.answerNext(LocalPushService.Answer.status(503, "Retry-After: 10"));
        carl.signIn();
        LocalPushService.Posted first = SERVICE.next();
        SERVER.clock().advance(Duration.ofSeconds(6));
        LocalPushService.Posted second = SERVICE.next();
        SERVER.clock().advance(Duration.ofSeconds(11));
        LocalPushService.Posted third = SERVICE.next();

        assertThat(life(second)).isLessThanOrEqualTo(life(first) - 6);
        assertThat(life(third)).isLessThanOrEqualTo(life(second) - 11);
        assertThat(third.headers().get("topic")).isEqualTo(first.headers().get("topic"));
        assertThat(carl.browser().read(third.body())).isEqualTo(carl.browser().read(first.body()));
        assertThat(carl.push().path("trouble").asBoolean()).isFalse();
    }

    @Test
    void item_5_nobody_is_rung_for_what_is_over() {
        Rung dora = Rung.of("dora");
        SERVICE.answerNext(LocalPushService.Answer.status(500, "Retry-After: 59"));
        dora.signIn();
        SERVICE.next();
        SERVER.clock().advance(Approval.LIFE);
        Rung emil = Rung.of("emil");
        emil.signIn();
        LocalPushService.Posted next = SERVICE.next();
        assertThat(emil.browser().read(next.body()))
                .contains(emil.phone().request().path("id").asString());
        assertThat(SERVICE.waiting()).isZero();
    }

    @Test
    void ac_098_neither_the_log_nor_the_activities_hold_what_rings_a_phone() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Appender<ILoggingEvent> usual = root.getAppender("stderr");
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.detachAppender(usual);
        root.addAppender(logged);
        root.setLevel(Level.TRACE);
        List<ActivityEntry> entries;
        Rung gus;
        LocalPushService.Posted message;
        try {
            gus = Rung.of("gus");
            SERVICE.answerNext(LocalPushService.Answer.status(403));
            gus.signIn();
            message = SERVICE.next();
            until(() -> logged.list.stream()
                    .anyMatch(event -> event.getFormattedMessage().contains("is not rung")));
            SERVICE.end(gus.browser().endpoint());
            gus.signIn();
            SERVICE.next();
            Rung rung = gus;
            until(() -> rung.push().path("trouble").asBoolean());
            entries = SERVER.activityOf(gus.person().account());
        } finally {
            root.setLevel(level);
            root.detachAppender(logged);
            root.addAppender(usual);
        }
        String endpoint = gus.browser().endpoint();
        String authorization = message.headers().get("authorization");
        List<String> secrets = List.of(
                endpoint.substring(endpoint.lastIndexOf('/') + 1),
                gus.browser().p256dh(),
                gus.browser().auth(),
                authorization.substring(authorization.indexOf("t=") + 2, authorization.indexOf(',')));
        Stream.concat(
                        logged.list.stream().map(ILoggingEvent::getFormattedMessage),
                        entries.stream().map(ActivityEntry::toString))
                .forEach(line -> assertThat(line).doesNotContain(secrets));
    }
}
