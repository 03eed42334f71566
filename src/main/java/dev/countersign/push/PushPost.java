package dev.countersign.push;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Posts to a server of somebody else and looks at little of what comes back: no redirects, cookies, proxies, retries or compression, and
 * at most 64 KiB. Thread-safe.
 */
public final class PushPost implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 128;
    private static final int MOST_CONNECTIONS_TO_ONE = 64;
    private static final int LONGEST_ANSWER = 64 * 1024;
    private static final int LONGEST_LINE = 8 * 1024;
    private static final int MOST_HEADERS = 100;

    private final DnsResolver names;
    private final Timeout patience;
    private @Nullable CloseableHttpClient client;
    private boolean closed;

    /** @param patience how long to wait for a connection, and for each piece of the answer */
    public PushPost(DnsResolver names, Duration patience) {
        this.names = names;
        this.patience = Timeout.of(patience);
    }

    /** Made when something is sent for the first time: it reads all certificates Java trusts, and most servers start without a message. */
    private synchronized CloseableHttpClient client() throws IOException {
        if (closed) {
            throw new IOException("this server is being stopped");
        }
        CloseableHttpClient made = client == null ? newClient() : client;
        client = made;
        return made;
    }

    private CloseableHttpClient newClient() {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(names)
                        .setTlsSocketStrategy(DefaultClientTlsStrategy.createSystemDefault())
                        .setMaxConnTotal(MOST_CONNECTIONS)
                        .setMaxConnPerRoute(MOST_CONNECTIONS_TO_ONE)
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(bounds())
                                .build())
                        .setDefaultConnectionConfig(connections(patience))
                        .build())
                .setDefaultRequestConfig(requests(patience))
                .setRoutePlanner(new DefaultRoutePlanner(DefaultSchemePortResolver.INSTANCE))
                .setUserAgent("Countersign")
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .build();
    }

    private static Http1Config bounds() {
        return Http1Config.custom()
                .setMaxLineLength(LONGEST_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
    }

    private static ConnectionConfig connections(Timeout patience) {
        return ConnectionConfig.custom()
                .setConnectTimeout(patience)
                .setSocketTimeout(patience)
                .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                .setTimeToLive(10, TimeUnit.MINUTES)
                .build();
    }

    private static RequestConfig requests(Timeout patience) {
        return RequestConfig.custom()
                .setConnectionRequestTimeout(patience)
                .setResponseTimeout(patience)
                .setRedirectsEnabled(false)
                .setAuthenticationEnabled(false)
                .setContentCompressionEnabled(false)
                .setProtocolUpgradeEnabled(false)
                .build();
    }

    /**
     * What we look at of an answer.
     *
     * @param retryAfter the header, empty if there is none
     */
    public record Answer(int status, String retryAfter) {}

    public Answer send(HttpPost request) throws IOException {
        return client().execute(request, response -> {
            if (!isShort(response)) {
                // Closing reads no further.
                request.cancel();
            }
            Header retryAfter = response.getFirstHeader("Retry-After");
            return new Answer(response.getCode(), retryAfter == null ? "" : retryAfter.getValue());
        });
    }

    /** Reads the answer to its end, so that the connection can be used again, unless it is too long. */
    private static boolean isShort(ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        if (entity == null) {
            return true;
        }
        InputStream content = entity.getContent();
        return content.readNBytes(LONGEST_ANSWER).length < LONGEST_ANSWER;
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (client != null) {
            client.close();
        }
    }
}
