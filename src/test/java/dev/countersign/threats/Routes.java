package dev.countersign.threats;

import dev.countersign.support.TestServer;
import dev.countersign.web.Access;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** The complete route table of the running server. */
final class Routes {
    static final List<String> METHODS = List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    /** What the gate answers to proxies, ahead of Spring's table of routes. */
    static final List<String> GATE = List.of("/api/authz/forward-auth", "/api/authz/auth-request");

    private Routes() {}

    /**
     * A route.
     *
     * @param pattern with the names of identifiers
     * @param path with identifiers of nobody
     * @param methods those it is mapped for; empty means all
     */
    record Route(String pattern, String path, Set<String> methods, HandlerMethod handler) {
        Access access() {
            Access access = handler.getMethodAnnotation(Access.class);
            if (access == null) {
                throw new IllegalStateException(handler + " does not say who may call it");
            }
            return access;
        }

        boolean takes(String method) {
            boolean head = method.equals("HEAD") && methods.contains("GET");
            return methods.isEmpty() || methods.contains(method) || head;
        }

        @Override
        public String toString() {
            return methods + " " + path;
        }
    }

    static List<Route> of(TestServer server) {
        List<Route> routes = new ArrayList<>();
        server.get(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((info, handler) ->
                        info.getPatternValues().forEach(pattern -> routes.add(route(info, pattern, handler))));
        return routes.stream().sorted(Comparator.comparing(Route::toString)).toList();
    }

    private static Route route(RequestMappingInfo info, String pattern, HandlerMethod handler) {
        Set<String> methods = new TreeSet<>();
        for (RequestMethod method : info.getMethodsCondition().getMethods()) {
            methods.add(method.name());
        }
        return new Route(pattern, pattern.replaceAll("\\{[^}]+}", "aaaaaaaaaaaaaaaaaaaaaaaaaa"), methods, handler);
    }
}
