package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One object a line, whatever is logged. */
class JsonLogLinesTest {
    @Test
    void a_line_holds_what_happened_for_which_request_and_never_a_second_line() {
        Logger logger = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("dev.countersign.Example");
        LoggingEvent event = new LoggingEvent(
                "here", logger, Level.WARN, "mail {}\nwaits", new IllegalStateException("on\npurpose"), new Object[] {7
                });
        event.setMDCPropertyMap(Map.of("http.request.id", "abc"));
        String line = new String(new JsonLogLines().encode(event), StandardCharsets.UTF_8);
        assertThat(line.strip()).doesNotContain("\n");
        JsonNode read = JsonMapper.builder().build().readTree(line);
        assertThat(read.path("message").asString()).isEqualTo("mail 7\nwaits");
        assertThat(read.path("http.request.id").asString()).isEqualTo("abc");
        assertThat(read.path("log.level").asString()).isEqualTo("WARN");
        assertThat(read.path("error.stack_trace").asString()).contains("IllegalStateException");
    }
}
