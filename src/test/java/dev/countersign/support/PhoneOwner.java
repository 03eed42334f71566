package dev.countersign.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Someone with an app who has paired a phone on My account.
 *
 * @param codes the phone's own codes
 */
public record PhoneOwner(Account account, FakePhone phone, TestAuthenticator codes, TestAuthenticator app) {
    private static final Pattern PAIRING = Pattern.compile("#pair=([a-z0-9]+)");

    public static PhoneOwner of(TestServer server, String name) {
        TestServer.Enrolled person = server.enrolled(name);
        TestBrowser browser = server.browser();
        browser.follow(browser.signIn(name, TestServer.PASSWORD, person.app().code()));
        FakePhone phone = pair(server, browser, "Pixel");
        server.clock().advance(Duration.ofMinutes(1));
        return new PhoneOwner(
                person.account(), phone, new TestAuthenticator(phone.codes(), server.clock()), person.app());
    }

    /** Pairs a phone in a browser that is signed in and has just shown a second factor. */
    public static FakePhone pair(TestServer server, TestBrowser browser, String name) {
        browser.get("/account");
        browser.follow(browser.post("/account/phones/pair"));
        return confirm(server, browser, name);
    }

    /** Pairs a phone in a browser that shows the picture. */
    public static FakePhone confirm(TestServer server, TestBrowser browser, String name) {
        String page = browser.get("/sign-in/enrol/phone").body();
        Matcher pairing = PAIRING.matcher(page);
        assertThat(pairing.find()).as(page).isTrue();
        FakePhone phone = new FakePhone(server.url(), server.clock());
        assertThat(phone.claim(pairing.group(1), name).status()).isEqualTo(200);
        browser.get("/sign-in/enrol/phone");
        assertThat(browser.post("/sign-in/enrol/phone").location()).isEqualTo("/account?notice=phone-paired");
        assertThat(phone.look(pairing.group(1)).status()).isEqualTo(200);
        return phone;
    }
}
