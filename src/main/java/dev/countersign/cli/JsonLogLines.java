package dev.countersign.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.countersign.configuration.Settings;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Lines of the server's log as JSON, with the names of the Elastic Common Schema; what is logged is the same as in text. */
final class JsonLogLines extends EncoderBase<ILoggingEvent> {
    /** The appender of {@code logback.xml}. */
    private static final String APPENDER = "stderr";

    private final JsonMapper json = JsonMapper.builder().build();

    JsonLogLines() {}

    /** Text is what {@code logback.xml} says. */
    static void write(Settings.LogFormat format) {
        ILoggerFactory loggers = LoggerFactory.getILoggerFactory();
        if (format == Settings.LogFormat.JSON
                && loggers instanceof LoggerContext context
                && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(APPENDER)
                        instanceof OutputStreamAppender<ILoggingEvent> appender
                && !(appender.getEncoder() instanceof JsonLogLines)) {
            JsonLogLines lines = new JsonLogLines();
            lines.setContext(context);
            lines.start();
            appender.setEncoder(lines);
        }
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("@timestamp", event.getInstant().toString());
        line.put("log.level", event.getLevel().toString());
        line.put("log.logger", event.getLoggerName());
        line.put("process.thread.name", event.getThreadName());
        line.put("service.name", "countersign");
        line.put("message", event.getFormattedMessage());
        event.getMDCPropertyMap().forEach(line::put);
        if (event.getThrowableProxy() != null) {
            line.put("error.type", event.getThrowableProxy().getClassName());
            line.put("error.stack_trace", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return (json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
