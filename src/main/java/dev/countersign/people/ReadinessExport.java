package dev.countersign.people;

import dev.countersign.kernel.Csv;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.policy.Rules;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** The readiness report as a file, read and written in steps. Thread-safe. */
@Component
public final class ReadinessExport {
    private static final int AT_ONCE = 1_000;

    private final Readiness readiness;
    private final JsonMapper json = JsonMapper.builder().build();

    ReadinessExport(Readiness readiness) {
        this.readiness = readiness;
    }

    private interface Sink {
        void take(Readiness.Line line) throws IOException;
    }

    /** One line a person, with a head line; what a spreadsheet would take for a formula is kept from being one. */
    public void csv(EnvironmentId environment, Rules rules, Readiness.Wanted wanted, Instant now, OutputStream out)
            throws IOException {
        Writer writer = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        writer.write(
                "username,name,email,verdict,second factor,password,companion,address confirmed,exempt until,last sign-in\r\n");
        each(
                environment,
                rules,
                wanted,
                now,
                line -> writer.write(Csv.line(
                        fields(line).values().stream().map(Object::toString).toList())));
        writer.flush();
    }

    /** One array of objects. */
    public void json(EnvironmentId environment, Rules rules, Readiness.Wanted wanted, Instant now, OutputStream out)
            throws IOException {
        try (JsonGenerator generator = json.createGenerator(out)) {
            generator.writeStartArray();
            each(environment, rules, wanted, now, line -> generator.writePOJO(fields(line)));
            generator.writeEndArray();
        }
    }

    private void each(EnvironmentId environment, Rules rules, Readiness.Wanted wanted, Instant now, Sink sink)
            throws IOException {
        String after = "";
        List<Readiness.Line> lines;
        do {
            lines = readiness.lines(environment, rules, wanted, after, AT_ONCE, now);
            for (Readiness.Line line : lines) {
                sink.take(line);
            }
            after = lines.isEmpty() ? after : readiness.keyAfter(environment, lines.getLast());
        } while (lines.size() == AT_ONCE);
    }

    private static Map<String, Object> fields(Readiness.Line line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("username", line.username());
        fields.put("name", line.displayName());
        fields.put("email", line.email());
        fields.put("verdict", line.verdict().wireName());
        fields.put("secondFactor", line.hasSecondFactor());
        fields.put("password", line.hasPassword());
        fields.put("companion", line.hasCompanion());
        fields.put("addressConfirmed", line.emailConfirmed());
        fields.put("exemptUntil", line.exemptUntil().map(Instant::toString).orElse(""));
        fields.put("lastSignIn", line.lastSignInAt().map(Instant::toString).orElse(""));
        return fields;
    }
}
