package dev.countersign.gate;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.Target;
import dev.countersign.mail.PublicAddress;
import dev.countersign.vault.Token;
import dev.countersign.web.Cookies;
import dev.countersign.web.Entrance;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Answers reverse proxies at {@code /api/authz/forward-auth} and {@code /api/authz/auth-request}, ahead of everything else: a
 * proxy asks for each image of a page. So it stands in Tomcat itself, before any servlet or filter is looked for. Reads a
 * cookie, changes nothing, and takes no body.
 *
 * <p>{@code forward-auth} answers 200, a redirect to the sign-in page (302) when somebody opens a page, 401 with its address
 * to everything else, 403 to a person who may not enter. {@code auth-request} answers 200, 401 and 403 and nothing else,
 * because nginx makes a 500 of it.
 */
@Component
final class GateValve extends ValveBase implements WebServerFactoryCustomizer<TomcatWebServerFactory> {
    /** What the gate answers at; it is no handler of Spring's, so that it is not in Spring's table of routes. */
    enum Contract {
        FORWARD_AUTH("/api/authz/forward-auth"),
        AUTH_REQUEST("/api/authz/auth-request");

        private final String path;

        Contract(String path) {
            this.path = path;
        }
    }

    private final Gate gate;
    private final Entrance entrance;
    private final PublicAddress addresses;

    GateValve(Gate gate, Entrance entrance, PublicAddress addresses) {
        super(true); // whatever else is asked may be answered later
        this.gate = gate;
        this.entrance = entrance;
        this.addresses = addresses;
    }

    @Override
    public void customize(TomcatWebServerFactory factory) {
        factory.addEngineValves(this);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        String path = request.getRequestURI(); // null where it could not be read
        if (Contract.FORWARD_AUTH.path.equals(path)) {
            answer(request, response, Contract.FORWARD_AUTH);
        } else if (Contract.AUTH_REQUEST.path.equals(path)) {
            answer(request, response, Contract.AUTH_REQUEST);
        } else {
            getNext().invoke(request, response);
        }
    }

    private void answer(HttpServletRequest request, Response response, Contract contract) {
        boolean fromProxy = entrance.isFromProxy(request);
        Optional<Asked> asked = contract == Contract.FORWARD_AUTH
                ? Asked.forwardAuth(request, fromProxy)
                : Asked.authRequest(request, fromProxy);
        if (!entrance.isReachable(request, fromProxy)) {
            refuse(response, HttpServletResponse.SC_FORBIDDEN);
        } else if (asked.isEmpty() || !entrance.isKnown(request.getMethod())) {
            refuse(
                    response,
                    contract == Contract.FORWARD_AUTH
                            ? HttpServletResponse.SC_BAD_REQUEST
                            : HttpServletResponse.SC_FORBIDDEN);
        } else {
            check(request, response, contract, asked.get());
        }
    }

    private void check(HttpServletRequest request, Response response, Contract contract, Asked asked) {
        try {
            Optional<Environment> environment = gate.environment(asked.host());
            if (environment.isEmpty()) {
                refuse(response, HttpServletResponse.SC_FORBIDDEN);
                return;
            }
            Optional<Token> token = Cookies.SESSION.token(request);
            Gate.Answer answer = token.isEmpty()
                    ? new Gate.Answer.SignIn()
                    : gate.check(environment.get().id(), token.get());
            switch (answer) {
                case Gate.Answer.Passes passes -> identify(response, passes.identity());
                case Gate.Answer.Refused _ -> refuse(response, HttpServletResponse.SC_FORBIDDEN);
                case Gate.Answer.SignIn _ -> sendToSignIn(request, response, contract, asked, environment.get());
            }
        } catch (Lookups.Unavailable e) {
            response.setHeader("Retry-After", "1");
            refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
    }

    private static void identify(Response response, IdentityHeaders identity) {
        identity.addTo(response.getCoyoteResponse().getMimeHeaders());
        response.setContentLength(0);
    }

    /** The headers of nobody go with it, for whoever takes them from any answer. */
    private static void refuse(Response response, int status) {
        response.setStatus(status);
        identify(response, IdentityHeaders.NOBODY);
        Entrance.protect(response);
    }

    private void sendToSignIn(
            HttpServletRequest request, Response response, Contract contract, Asked asked, Environment environment) {
        boolean page = contract == Contract.FORWARD_AUTH && isPage(request, asked);
        refuse(response, page ? HttpServletResponse.SC_FOUND : HttpServletResponse.SC_UNAUTHORIZED);
        response.setHeader("Location", signIn(asked, addresses.of(environment)));
    }

    private static String signIn(Asked asked, String publicAddress) {
        return publicAddress
                + "/sign-in"
                + asked.wayBack(publicAddress)
                        .filter(Target::isLocalPath)
                        .map(path -> "?to=" + URLEncoder.encode(path, StandardCharsets.UTF_8))
                        .orElse("");
    }

    /** Whether somebody opens a page. HAProxy asks with HEAD and passes on nothing that would tell. */
    private static boolean isPage(HttpServletRequest request, Asked asked) {
        if (!asked.method().equals("GET") && !asked.method().equals("HEAD")) {
            return false;
        }
        String mode = request.getHeader("Sec-Fetch-Mode");
        String accept = request.getHeader("Accept");
        boolean script = request.getHeader("X-Requested-With") != null || (mode != null && !mode.equals("navigate"));
        return !script && (request.getMethod().equals("HEAD") || (accept != null && accept.contains("text/html")));
    }
}
