package dev.countersign.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A browser without JavaScript: keeps cookies, takes the CSRF token from the last page, and follows redirects only when told
 * to. Not thread-safe; {@link #fork} makes a copy for another thread.
 */
public final class TestBrowser {
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

    private String url;
    private final Map<String, String> cookies = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();
    private String csrf = "";

    public TestBrowser(String url) {
        this.url = url;
    }

    /** A browser with the same cookies. */
    public TestBrowser fork() {
        TestBrowser copy = new TestBrowser(url);
        copy.cookies.putAll(cookies);
        copy.headers.putAll(headers);
        copy.csrf = csrf;
        return copy;
    }

    /** Calls another node of the same installation from now on. */
    public TestBrowser at(String node) {
        url = node;
        return this;
    }

    /** Sends this header with every request. */
    public TestBrowser header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public Map<String, String> cookies() {
        return cookies;
    }

    public Optional<String> cookie(String name) {
        return Optional.ofNullable(cookies.get(name));
    }

    /** A reply. */
    public record Reply(HttpResponse<String> response) {
        public int status() {
            return response.statusCode();
        }

        public String body() {
            return response.body();
        }

        public String location() {
            return response.headers().firstValue("Location").orElse("");
        }

        public Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        public List<String> headers(String name) {
            return response.headers().allValues(name);
        }
    }

    public Reply get(String path) {
        return send(builder(path).GET().build());
    }

    /** Follows redirects from {@code path} to a page. */
    public Reply visit(String path) {
        return follow(get(path));
    }

    /** Follows redirects until there is a page. */
    public Reply follow(Reply reply) {
        Reply current = reply;
        for (int i = 0; i < 10 && current.status() / 100 == 3; i++) {
            current = get(URI.create(url).resolve(current.location()).toString().substring(url.length()));
        }
        return current;
    }

    /** Sends a form with the CSRF token of the last page; names and values alternate. */
    public Reply post(String path, String... fields) {
        StringBuilder form = new StringBuilder("_csrf=").append(encode(csrf));
        for (int i = 0; i < fields.length; i += 2) {
            form.append('&').append(encode(fields[i])).append('=').append(encode(fields[i + 1]));
        }
        return postRaw(path, "application/x-www-form-urlencoded", form.toString());
    }

    /** Sends a form with a file, named {@code file}; names and values of other fields alternate. */
    public Reply postFile(String path, String fileName, byte[] content, String... fields) {
        String boundary = "----countersign-test-boundary";
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        StringBuilder head = new StringBuilder(part(boundary, "_csrf")).append(csrf);
        for (int i = 0; i < fields.length; i += 2) {
            head.append("\r\n").append(part(boundary, fields[i])).append(fields[i + 1]);
        }
        head.append("\r\n--")
                .append(boundary)
                .append("\r\nContent-Disposition: form-data; name=\"file\"; filename=\"")
                .append(fileName)
                .append("\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        form.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(builder(path)
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
                .build());
    }

    private static String part(String boundary, String name) {
        return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n";
    }

    public Reply postRaw(String path, String contentType, String body) {
        return send(builder(path)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** Listens to server-sent events with the cookies of this browser. */
    public EventTab listen(String path) {
        try {
            return new EventTab(CLIENT.send(
                    builder(path).timeout(Duration.ofSeconds(20)).GET().build(),
                    HttpResponse.BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Any method without a body. */
    public Reply request(String method, String path) {
        return send(builder(path)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build());
    }

    /** Opens the sign-in page and sends name and password. */
    public Reply signIn(String username, String password) {
        get("/sign-in");
        return post("/sign-in", "username", username, "password", password);
    }

    /** Signs in with name, password and code, on two screens. */
    public Reply signIn(String username, String password, String code) {
        Reply first = signIn(username, password);
        if (!first.location().equals("/sign-in/code")) {
            return first;
        }
        get("/sign-in/code");
        return post("/sign-in/code", "code", code);
    }

    private HttpRequest.Builder builder(String path) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE);
        headers.forEach(builder::header);
        if (!cookies.isEmpty()) {
            StringBuilder line = new StringBuilder();
            cookies.forEach((name, value) -> line.append(line.isEmpty() ? "" : "; ")
                    .append(name)
                    .append('=')
                    .append(value));
            builder.header("Cookie", line.toString());
        }
        return builder;
    }

    private Reply send(HttpRequest request) {
        try {
            HttpResponse<String> response =
                    CLIENT.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            response.headers().allValues("Set-Cookie").forEach(this::store);
            Matcher token = CSRF.matcher(response.body());
            if (token.find()) {
                csrf = token.group(1);
            }
            return new Reply(response);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void store(String setCookie) {
        String pair = setCookie.split(";", 2)[0];
        String name = pair.substring(0, pair.indexOf('='));
        String value = pair.substring(pair.indexOf('=') + 1);
        if (value.isEmpty() || setCookie.contains("Max-Age=0")) {
            cookies.remove(name);
        } else {
            cookies.put(name, value);
        }
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
