package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The clock is set back, and forward again: nothing lasts longer for it, and nothing that is over begins again. */
class ClockJumpTest {
    private static final TestServer SERVER = TestServer.start(Map.of(SettingKey.REQUESTS_PER_MINUTE, "40"));

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static TestServer.Enrolled person(String name) {
        SERVER.policy(Rules.Mode.REQUIRED);
        TestServer.Enrolled person = SERVER.enrolled(TestInstallation.fresh(name), Role.USER);
        SERVER.clock().advance(Duration.ofHours(2));
        return person;
    }

    private static TestBrowser signedIn(TestServer.Enrolled person) {
        TestBrowser browser = SERVER.browser();
        browser.signIn(
                person.account().username(), TestServer.PASSWORD, person.app().code());
        assertThat(isSignedIn(browser)).isTrue();
        return browser;
    }

    private static boolean isSignedIn(TestBrowser browser) {
        return browser.get("/account").status() == 200;
    }

    /** Runs in the past, and comes back. */
    private static void back(Duration by, Runnable work) {
        Instant present = SERVER.clock().instant();
        SERVER.clock().set(present.minus(by));
        try {
            work.run();
        } finally {
            SERVER.clock().set(present);
        }
    }

    @Test
    void ac_013_a_lock_is_as_long_as_the_published_one_when_the_clock_was_a_day_ahead() {
        TestServer.Enrolled bea = person("bea");
        TestBrowser browser = SERVER.browser();
        browser.signIn(bea.account().username(), TestServer.PASSWORD);
        for (int guess = 0; guess < 5; guess++) {
            browser.post("/sign-in/code", "code", bea.app().wrongCode());
        }
        back(Duration.ofHours(24), () -> {
            TestBrowser now = SERVER.browser();
            now.signIn(bea.account().username(), TestServer.PASSWORD);
            assertThat(now.post("/sign-in/code", "code", bea.app().code()).status())
                    .as("the lock did not vanish")
                    .isEqualTo(429);
            SERVER.clock().advance(Duration.ofMinutes(16));
            assertThat(SERVER.count(
                            "SELECT count(*) FROM guess_budget WHERE next_at > ?",
                            SERVER.clock().instant().toEpochMilli()))
                    .as("nor is it longer than the longest")
                    .isZero();
        });
    }

    @Test
    void ac_062_sessions_last_no_longer_and_do_not_come_back() {
        TestServer.Enrolled bea = person("bea");
        TestBrowser browser = signedIn(bea);
        back(
                Duration.ofMinutes(4),
                () -> assertThat(isSignedIn(browser.fork()))
                        .as("a small correction signs nobody out")
                        .isTrue());
        back(
                Duration.ofHours(24),
                () -> assertThat(isSignedIn(browser.fork()))
                        .as("begun in the future")
                        .isFalse());
        TestBrowser other = signedIn(person("carl"));
        SERVER.clock().advance(Duration.ofMinutes(61));
        assertThat(isSignedIn(other.fork())).as("idle for an hour").isFalse();
        back(
                Duration.ofMinutes(30),
                () -> assertThat(isSignedIn(other.fork()))
                        .as("what is over stays over")
                        .isFalse());
    }

    @Test
    void ac_013_an_unfinished_sign_in_and_an_open_request_last_no_longer() {
        TestServer.Enrolled bea = person("bea");
        TestBrowser half = SERVER.browser();
        half.signIn(bea.account().username(), TestServer.PASSWORD);
        assertThat(half.get("/sign-in/code").status()).isEqualTo(200);
        back(
                Duration.ofHours(24),
                () -> assertThat(half.fork().get("/sign-in/code").status()).isEqualTo(303));

        PairedPerson paired = PairedPerson.of(SERVER, person("phone"));
        SERVER.browser().signIn(paired.account().username(), TestServer.PASSWORD);
        assertThat(paired.phone().requests().json().path("requests")).hasSize(1);
        back(
                Duration.ofHours(24),
                () -> assertThat(paired.phone().requests().json().path("requests"))
                        .as("asked in the future")
                        .isEmpty());
    }

    @Test
    void ac_013_an_address_that_asked_too_often_waits_a_minute_and_not_a_day() throws Exception {
        SERVER.clock().advance(Duration.ofMinutes(2));
        HttpRequest request = HttpRequest.newBuilder(URI.create(SERVER.url() + "/api/v1/openapi.json"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            int status = 200;
            for (int i = 0; i < 60 && status != 429; i++) {
                status = client.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            }
            assertThat(status).isEqualTo(429);
            Instant present = SERVER.clock().instant();
            SERVER.clock().set(present.minus(Duration.ofHours(24)));
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(429);
            SERVER.clock().advance(Duration.ofSeconds(61));
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            SERVER.clock().set(present);
        }
    }
}
