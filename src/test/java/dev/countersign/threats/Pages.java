package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Target;
import dev.countersign.signin.Caller;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignInService;
import dev.countersign.signin.Step;
import dev.countersign.support.TestAuthenticator;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.vault.Token;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What attackers and victims read from pages, and the ways through them that many checks share. */
final class Pages {
    static final String SESSION = "__Host-countersign";
    static final String SIGN_IN = "__Host-countersign-signin";
    static final String BROWSER = "__Host-countersign-browser";

    private static final Pattern SECRET = Pattern.compile("secret=([A-Z2-7]{32})");
    private static final Pattern RECOVERY = Pattern.compile("([A-HJ-NP-Z2-9]{4}\\s){5}[A-HJ-NP-Z2-9]{4}");

    private Pages() {}

    /** The secret of the app on the page that registers one, as text. */
    static String secretOn(TestBrowser.Reply page) {
        Matcher link = SECRET.matcher(page.body());
        assertThat(link.find()).as("the page offers a secret: %s", page.body()).isTrue();
        return link.group(1);
    }

    /** The recovery code on the page that shows it, without spaces. */
    static String recoveryCodeOn(TestBrowser.Reply page) {
        String text = page.body().replaceAll("<[^>]+>", " ").replaceAll("\\s+", " ");
        Matcher code = RECOVERY.matcher(text);
        assertThat(code.find()).as("the page shows a recovery code").isTrue();
        return code.group().replace(" ", "");
    }

    /** Whether this browser is signed in. */
    static boolean isSignedIn(TestBrowser browser) {
        return browser.get("/account").status() == 200;
    }

    /** A browser that has typed name and password, and is asked for the code. */
    static TestBrowser halfSignedIn(TestServer server, String username) {
        TestBrowser browser = server.browser();
        assertThat(browser.signIn(username, TestServer.PASSWORD).location()).isEqualTo("/sign-in/code");
        return browser;
    }

    /**
     * A browser whose password was found right a moment ago, and which is asked for the code. The same state as after
     * {@link #halfSignedIn}, without the work of hashing.
     */
    static TestBrowser pastPassword(TestServer server, Account account) {
        Token token = pastPassword(server, account, Channel.COOKIE).token();
        TestBrowser browser = server.browser();
        browser.get("/sign-in");
        browser.cookies().put(SIGN_IN, token.reveal());
        assertThat(browser.get("/sign-in/code").status())
                .as("asked for the code")
                .isEqualTo(200);
        return browser;
    }

    /** The same for an application, whose token travels in a header. */
    static RestClient.Begun pastPasswordOverRest(TestServer server, Account account) {
        Held held = pastPassword(server, account, Channel.BEARER);
        return new RestClient.Begun(
                held.state().heading().id().value(), held.token().reveal());
    }

    private static Held pastPassword(TestServer server, Account account, Channel channel) {
        Instant now = server.clock().instant();
        Proof proof = new Proof(FactorKind.PASSWORD, account.id(), Proof.Means.ANSWERED, now);
        Caller caller = new Caller(Origin.SYSTEM, channel, Optional.empty());
        Step step = server.get(SignInService.class).continueAs(account, proof, Target.ACCOUNT, caller, now);
        return ((Step.At) step).held();
    }

    /** A browser that is signed in with password and code. */
    static TestBrowser signedIn(TestServer server, TestServer.Enrolled person) {
        TestBrowser browser = pastPassword(server, person.account());
        browser.post("/sign-in/code", "code", person.app().code());
        assertThat(isSignedIn(browser)).as("signed in").isTrue();
        return browser;
    }

    /** Registers an app and a recovery code, starting where the first is asked for. */
    static TestAuthenticator enrol(TestServer server, TestBrowser browser, TestBrowser.Reply page) {
        TestAuthenticator app = TestAuthenticator.ofText(secretOn(page), server.clock());
        TestBrowser.Reply recovery = browser.follow(browser.post("/sign-in/enrol", "code", app.code()));
        String code = recoveryCodeOn(recovery);
        browser.post("/sign-in/recovery-code", "lastGroup", code.substring(20));
        return app;
    }

    /** A page without what differs each time: tokens and request numbers. */
    static String comparable(TestBrowser.Reply reply) {
        return reply.body()
                .replaceAll("name=\"_csrf\"[^>]*value=\"[^\"]+\"", "")
                .replaceAll("<code>[a-z2-7]{26}</code>", "");
    }
}
