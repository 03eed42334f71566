package dev.countersign.web;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.Channel;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Target;
import dev.countersign.session.Admission;
import dev.countersign.session.Session;
import dev.countersign.session.Sessions;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.util.UriComponentsBuilder;

/** Lets a request reach its handler only when what {@link Access} demands has been shown. Denies what says nothing. */
@Component
final class AccessInterceptor implements HandlerInterceptor {
    private final Sessions sessions;
    private final Accounts accounts;
    private final Admission admission;
    private final ApiAccess api;
    private final RequestLimits requests;
    private final Idempotency idempotency;
    private final Problems problems;
    private final Clock clock;

    AccessInterceptor(
            Sessions sessions,
            Accounts accounts,
            Admission admission,
            ApiAccess api,
            RequestLimits requests,
            Idempotency idempotency,
            Problems problems,
            Clock clock) {
        this.sessions = sessions;
        this.accounts = accounts;
        this.admission = admission;
        this.api = api;
        this.requests = requests;
        this.idempotency = idempotency;
        this.problems = problems;
        this.clock = clock;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
            throws IOException {
        if (request.getDispatcherType() == DispatcherType.ERROR || !(handler instanceof HandlerMethod method)) {
            return true;
        }
        Access access = method.getMethodAnnotation(Access.class);
        if (access == null) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return false;
        }
        return isAdmitted(request, response, access) && idempotency.admit(request, response);
    }

    private boolean isAdmitted(HttpServletRequest request, HttpServletResponse response, Access access)
            throws IOException {
        return switch (access.value()) {
            case BEARER -> true;
            case API, OPERATOR -> requireCaller(request, response, access);
            case PUBLIC, SIGN_IN -> {
                findPerson(request, response);
                yield true;
            }
            case SESSION -> {
                findPerson(request, response);
                yield requireSession(request, response, access);
            }
            case CONSOLE -> {
                findPerson(request, response);
                yield requireSession(request, response, access) && requireConsole(request, response, access);
            }
        };
    }

    private boolean requireCaller(HttpServletRequest request, HttpServletResponse response, Access access)
            throws IOException {
        try {
            ApiCaller caller = api.require(request, access, clock.instant());
            return requests.admit(caller, request, response);
        } catch (Refusal refusal) {
            problems.send(refusal, request, response);
            return false;
        }
    }

    /** Attaches the person of the session cookie, if the session is alive and still enough for their own pages. */
    private void findPerson(HttpServletRequest request, HttpServletResponse response) {
        Instant now = clock.instant();
        RequestFacts facts = RequestFacts.of(request);
        Optional<Session> found = Cookies.SESSION
                .token(request)
                .flatMap(token -> sessions.find(facts.environment().id(), Channel.COOKIE, token, now));
        if (found.isEmpty()) {
            return;
        }
        Session session = found.get();
        Account account = accounts.get(session.account());
        SignedIn person = new SignedIn(session, account, accounts.rights(account));
        if (!admission.admits(session, Target.ACCOUNT, now)) {
            end(person, facts, now);
            Cookies.SESSION.clear(response);
            request.setAttribute(ENDED, true);
            return;
        }
        person.attach(request);
    }

    private static final String ENDED = AccessInterceptor.class.getName() + ".ended";

    private void end(SignedIn person, RequestFacts facts, Instant now) {
        sessions.end(
                person.session().environment(),
                person.account().id(),
                person.session().id(),
                ActivityEvent.EndReason.POLICY,
                person.actor(),
                facts.origin("portal"),
                now);
    }

    private boolean requireSession(HttpServletRequest request, HttpServletResponse response, Access access)
            throws IOException {
        Optional<SignedIn> person = SignedIn.find(request);
        if (person.isEmpty()) {
            String problem = request.getAttribute(ENDED) == null ? "" : "problem=session-ended-policy&";
            redirect(response, "/sign-in?" + problem + "to=" + encode(wanted(request)));
            return false;
        }
        for (Permission permission : access.needs()) {
            if (!person.get().rights().may(permission)) {
                response.sendError(HttpServletResponse.SC_FORBIDDEN);
                return false;
            }
        }
        return true;
    }

    private boolean requireConsole(HttpServletRequest request, HttpServletResponse response, Access access)
            throws IOException {
        SignedIn person = SignedIn.of(request);
        if (!person.rights().openConsole()) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN);
            return false;
        }
        Instant now = clock.instant();
        boolean enough = access.fresh()
                ? admission.isFresh(person.session(), Target.CONSOLE, now)
                : admission.admits(person.session(), Target.CONSOLE, now);
        if (!enough) {
            redirect(
                    response,
                    FreshFactor.address(request.getMethod().equals("GET") ? wanted(request) : back(request, access)));
            return false;
        }
        return true;
    }

    /** With the identifiers of the address that was called. */
    private static String back(HttpServletRequest request, Access access) {
        Map<?, ?> identifiers = (Map<?, ?>)
                Objects.requireNonNull(request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE));
        return UriComponentsBuilder.fromPath(access.back())
                .encode()
                .build()
                .expand(identifiers::get)
                .toUriString();
    }

    /** Where the person was going; a state change is not repeated after signing in. */
    private static String wanted(HttpServletRequest request) {
        if (!request.getMethod().equals("GET")) {
            return request.getRequestURI().startsWith("/console") ? "/console" : "/account";
        }
        String query = request.getQueryString();
        return request.getRequestURI() + (query == null ? "" : "?" + query);
    }

    private static void redirect(HttpServletResponse response, String location) {
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", location);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
