package dev.countersign.tracing;

import dev.countersign.configuration.Settings;
import dev.countersign.kernel.Observation;
import dev.countersign.vault.TrustedCertificates;
import dev.countersign.web.RequestObserver;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporterBuilder;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * A span for each request, and one in it for each part that {@link Observation} names. A span holds the method, the route as it is written in the
 * source, the status and the time: no address, no query, no name, nothing anybody typed. Spans are sent in the background; when the collector is
 * away they are dropped. Thread-safe.
 */
@Component
@ConditionalOnProperty("countersign.traces")
final class Spans implements RequestObserver, DisposableBean {
    private static final String TRACE_PARENT = "traceparent";
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
    private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
    private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int SERVER_ERROR = 500;

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    Spans(Settings settings) {
        OtlpHttpSpanExporterBuilder exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(settings.operation().traces().orElseThrow().toString())
                .setTimeout(PATIENCE);
        settings.trustedCertificates()
                .map(TrustedCertificates::and)
                .ifPresent(trusted -> exporter.setSslContext(trusted.context(), trusted.manager()));
        this.provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "countersign")))
                .addSpanProcessor(BatchSpanProcessor.builder(exporter.build()).build())
                .build();
        this.tracer = provider.get("dev.countersign");
    }

    @Override
    public Seen begin(String method, String trace) {
        Context parent = W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), Map.of(TRACE_PARENT, trace), new Header());
        Span span = tracer.spanBuilder(method)
                .setSpanKind(SpanKind.SERVER)
                .setParent(parent)
                .setAttribute(METHOD, method)
                .startSpan();
        return new Traced(method, span);
    }

    /** Sends what waits; false when the collector does not take it in time. */
    boolean flush() {
        return provider.forceFlush()
                .join(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .isSuccess();
    }

    @Override
    public void destroy() {
        provider.shutdown().join(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private final class Traced implements Seen {
        private final String method;
        private final Span span;

        Traced(String method, Span span) {
            this.method = method;
            this.span = span;
        }

        @Override
        public String traceId() {
            return span.getSpanContext().getTraceId();
        }

        @Override
        public <T> T observe(Observation.Part part, Supplier<T> work) {
            Span child = tracer.spanBuilder(part.words())
                    .setParent(Context.root().with(span))
                    .startSpan();
            try {
                return work.get();
            } catch (RuntimeException e) {
                // The kind of failure only: its message may hold what somebody typed.
                child.setStatus(StatusCode.ERROR, e.getClass().getSimpleName());
                throw e;
            } finally {
                child.end();
            }
        }

        @Override
        public void end(String route, int status) {
            if (!route.isEmpty()) {
                span.updateName(method + " " + route);
                span.setAttribute(ROUTE, route);
            }
            span.setAttribute(STATUS, status);
            if (status >= SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
            span.end();
        }
    }

    /** Of what came with the request only the one header. */
    private static final class Header implements TextMapGetter<Map<String, String>> {
        @Override
        public Iterable<String> keys(Map<String, String> headers) {
            return headers.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> headers, String name) {
            return headers == null ? null : headers.get(name);
        }
    }
}
