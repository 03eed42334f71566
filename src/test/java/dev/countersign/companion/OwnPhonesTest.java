package dev.countersign.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.support.FakePhone;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.PhoneOwner;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The phones on My account: what is shown of them, renaming, and removing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OwnPhonesTest {
    private TestServer server;

    @BeforeAll
    void start() {
        server = TestServer.start();
        server.policy(Rules.Mode.OPTIONAL);
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private TestBrowser signedIn(PhoneOwner owner) {
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn(owner.account().username(), TestServer.PASSWORD));
        browser.get("/sign-in/code");
        server.clock().advance(Duration.ofMinutes(1));
        assertThat(browser.post("/sign-in/code", "code", owner.codes().code()).location())
                .isEqualTo("/account");
        return browser;
    }

    @Test
    void who_has_none_is_told_what_a_phone_is_good_for() {
        server.person("none");
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn("none", TestServer.PASSWORD));
        assertThat(browser.get("/account").body()).contains("No phone yet").contains("action=\"/account/phones/pair\"");
    }

    @Test
    void a_phone_is_listed_and_renamed() {
        PhoneOwner owner = PhoneOwner.of(server, "rename");
        TestBrowser browser = signedIn(owner);
        assertThat(browser.get("/account").body()).contains("Pixel", "Does not tell you by itself");

        String id = owner.phone().id();
        assertThat(browser.post("/account/phones/rename", "id", id, "name", " My <b>phone</b>\u202e ")
                        .location())
                .isEqualTo("/account?notice=phone-renamed");
        assertThat(browser.get("/account").body()).contains("My &lt;b&gt;phone&lt;/b&gt;<");
        assertThat(browser.post("/account/phones/rename", "id", id, "name", "x".repeat(41))
                        .location())
                .isEqualTo("/account?problem=phone-name");
    }

    @Test
    void nobody_touches_the_phone_of_someone_else() {
        PhoneOwner owner = PhoneOwner.of(server, "mine");
        TestBrowser thief = signedIn(PhoneOwner.of(server, "thief"));
        thief.get("/account");
        String id = owner.phone().id();
        assertThat(thief.post("/account/phones/rename", "id", id, "name", "Stolen")
                        .location())
                .isEqualTo("/account");
        assertThat(thief.post("/account/phones/remove", "id", id).location()).isEqualTo("/account");
        assertThat(owner.phone().get("/me").body()).contains("\"Pixel\"");
    }

    @Test
    void removing_needs_a_fresh_proof_and_ends_the_phone() {
        PhoneOwner owner = PhoneOwner.of(server, "remove");
        TestBrowser browser = signedIn(owner);
        String path = "/account/phones/remove?id=" + owner.phone().id();
        browser.get("/account");
        server.clock().advance(Duration.ofMinutes(30));
        assertThat(browser.get(path).location()).isEqualTo("/sign-in/confirm?to=" + path);
        assertThat(browser.post("/account/phones/remove", "id", owner.phone().id())
                        .location())
                .isEqualTo("/sign-in/confirm?to=" + path);
        assertThat(owner.phone().get("/me").status()).isEqualTo(200);

        TestBrowser fresh = signedIn(owner);
        assertThat(fresh.get(path).body()).contains("Remove this phone?", "Pixel");
        assertThat(fresh.post("/account/phones/remove", "id", owner.phone().id())
                        .location())
                .isEqualTo("/account?notice=phone-removed");
        assertThat(owner.phone().get("/me").problem()).isEqualTo("phone-proof");
        assertThat(fresh.get("/account").body()).contains("Phone removed: Pixel");
    }

    @Test
    void the_last_thing_the_policy_demands_stays() {
        PhoneOwner owner = PhoneOwner.of(server, "demanded");
        TestBrowser browser = signedIn(owner);
        FakePhone second = PhoneOwner.pair(server, browser, "Tablet");
        server.policy(Rules.Mode.REQUIRED);
        try {
            browser.get("/account");
            assertThat(browser.post("/account/app/remove").location()).isEqualTo("/account?notice=app-removed");
            assertThat(browser.post("/account/phones/remove", "id", second.id()).location())
                    .isEqualTo("/account?notice=phone-removed");
            assertThat(browser.get("/account").body()).contains("so this phone can go once");
            assertThat(browser.post(
                                    "/account/phones/remove",
                                    "id",
                                    owner.phone().id())
                            .location())
                    .isEqualTo("/account?problem=phone-needed");
            assertThat(owner.phone().get("/me").status()).isEqualTo(200);
            FakePhone.Reply own =
                    owner.phone().delete("/me/phones/" + owner.phone().id());
            assertThat(own.status()).isEqualTo(409);
            assertThat(own.problem()).isEqualTo("conflict");
            FakePhone third = PairedPerson.pair(server, owner.account(), "Third");
            assertThat(third.delete("/me/phones/" + owner.phone().id()).status())
                    .isEqualTo(204);
            assertThat(third.delete("/me/phones/" + third.id()).status()).isEqualTo(409);
        } finally {
            server.policy(Rules.Mode.OPTIONAL);
        }
    }
}
