package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What the console does, REST does: the table in the handbook names each action and its route, and nothing that is not there. */
class ConsoleByRestTest {
    private static final Pattern ROUTE = Pattern.compile("`((?:GET|POST|PUT|PATCH|DELETE) /[^` ]+)`");

    @Test
    void every_action_of_the_console_has_its_route_in_the_handbook() throws IOException {
        Set<String> named = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("docs/admin/rest.md"))) {
            Matcher route = ROUTE.matcher(line);
            Set<String> ofLine = new TreeSet<>();
            while (line.startsWith("| `") && route.find()) {
                ofLine.add(route.group(1));
            }
            assertThat(ofLine.isEmpty() || ofLine.stream().anyMatch(one -> one.contains(" /api/v1/")))
                    .as(line)
                    .isTrue();
            named.addAll(ofLine);
        }
        try (TestServer server = TestServer.start()) {
            Set<String> served = served(server);
            assertThat(named.stream().filter(route -> route.contains(" /api/")))
                    .isNotEmpty()
                    .allSatisfy(route -> assertThat(served).contains(route));
            assertThat(served.stream()
                            .filter(route -> route.startsWith("POST /console"))
                            .collect(Collectors.toSet()))
                    .isNotEmpty()
                    .allSatisfy(route -> assertThat(named).contains(route));
        }
    }

    private static Set<String> served(TestServer server) {
        Set<String> served = new TreeSet<>();
        server.get(RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .forEach((info, _) -> info.getPatternValues()
                        .forEach(path -> info.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> served.add(method + " " + path))));
        return served;
    }
}
