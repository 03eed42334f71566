package dev.countersign.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A real Firefox with an empty profile, driven by WebDriver BiDi, which gets its push messages from a {@link LocalPushService}.
 * It may show notifications without asking. Ends with its process when closed.
 */
public final class Firefox implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern READY = Pattern.compile("WebDriver BiDi listening on (ws://\\S+)");
    private static final int PATIENCE_SECONDS = 30;

    private final Process process;
    private final AtomicLong number = new AtomicLong();
    private final Map<Long, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    private final WebSocket socket;

    private Firefox(Process process, String address) {
        this.process = process;
        this.socket = await(HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address + "/session"), new Listener()));
        call("session.new", JSON.createObjectNode().putObject("capabilities"), "capabilities");
    }

    public static Firefox start(LocalPushService pushService) {
        Path profile = TestInstallation.newDirectory();
        try {
            Files.write(profile.resolve("user.js"), preferences(pushService));
            Process process = new ProcessBuilder(
                            program(),
                            "--headless",
                            "--no-remote",
                            "--new-instance",
                            "--remote-debugging-port=0",
                            "--profile",
                            profile.toString())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Firefox(process, address(process));
        } catch (IOException e) {
            throw new UncheckedIOException("Firefox does not start; bin/test installs it", e);
        }
    }

    private static String program() {
        String named = System.getenv("COUNTERSIGN_TEST_FIREFOX");
        return named == null ? "firefox-esr" : named;
    }

    /** Firefox says on its error output where it listens; the rest of it is read and dropped, so that it can go on. */
    private static String address(Process process) throws IOException {
        CompletableFuture<String> found = new CompletableFuture<>();
        StringBuilder said = new StringBuilder();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Matcher ready = READY.matcher(line);
                    if (ready.find()) {
                        found.complete(ready.group(1));
                    }
                    if (said.length() < 10_000) {
                        said.append(line).append('\n');
                    }
                }
                found.completeExceptionally(new IOException("Firefox ended: " + said));
            } catch (IOException e) {
                found.completeExceptionally(e);
            }
        });
        return await(found);
    }

    private static List<String> preferences(LocalPushService pushService) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("dom.push.serverURL", pushService.webSocketUrl());
        values.put("dom.push.testing.allowInsecureServerURL", true);
        values.put("dom.push.connection.enabled", true);
        values.put("permissions.default.desktop-notification", 1);
        values.put("alerts.useSystemBackend", false);
        // The usual preferences of a driven Firefox switch push off.
        values.put("remote.prefs.recommended", false);
        // Nothing leaves this machine.
        values.put("app.normandy.enabled", false);
        values.put("app.update.disabledForTesting", true);
        values.put("browser.newtabpage.enabled", false);
        values.put("browser.region.network.url", "");
        values.put("browser.safebrowsing.malware.enabled", false);
        values.put("browser.safebrowsing.phishing.enabled", false);
        values.put("browser.safebrowsing.update.enabled", false);
        values.put("browser.search.update", false);
        values.put("browser.shell.checkDefaultBrowser", false);
        values.put("browser.startup.homepage_override.mstone", "ignore");
        values.put("browser.startup.page", 0);
        values.put("datareporting.policy.dataSubmissionEnabled", false);
        values.put("extensions.getAddons.cache.enabled", false);
        values.put("extensions.systemAddon.update.enabled", false);
        values.put("extensions.update.enabled", false);
        values.put("network.captive-portal-service.enabled", false);
        values.put("network.connectivity-service.enabled", false);
        values.put("services.settings.server", "data:,#remote-settings-dummy/v1");
        values.put("toolkit.telemetry.server", "data:,");
        values.put("toolkit.telemetry.unified", false);
        List<String> lines = new ArrayList<>();
        values.forEach(
                (name, value) -> lines.add("user_pref(\"" + name + "\", " + JSON.writeValueAsString(value) + ");"));
        return lines;
    }

    /** A page in a tab of its own. */
    public final class Tab {
        private final String context;

        private Tab(String context) {
            this.context = context;
        }

        /** Goes there and waits until it is loaded. */
        public Tab open(String url) {
            ObjectNode parameters = JSON.createObjectNode()
                    .put("context", context)
                    .put("url", url)
                    .put("wait", "complete");
            call("browsingContext.navigate", parameters);
            return this;
        }

        /** The value of a JavaScript expression, a promise's once it is kept, as text. */
        public String run(String expression) {
            ObjectNode parameters = JSON.createObjectNode()
                    .put("expression", "(async () => String(await (" + expression + ")))()")
                    .put("awaitPromise", true)
                    .put("userActivation", true);
            parameters.putObject("target").put("context", context);
            JsonNode answer = call("script.evaluate", parameters);
            if (!answer.path("type").asString().equals("success")) {
                throw new AssertionError(
                        expression + ": " + answer.path("exceptionDetails").path("text"));
            }
            return answer.path("result").path("value").asString();
        }

        /** Waits until an expression is true; it is looked at each time the page is drawn. */
        public Tab waitFor(String expression) {
            run("new Promise((kept, broken) => { const end = Date.now() + 20000; const look = () => {"
                    + " if (" + expression + ") { kept('yes'); } else if (Date.now() > end) {"
                    + " broken(new Error('not within 20 seconds')); } else { setTimeout(look, 25); } }; look(); })");
            return this;
        }

        /** Presses what a CSS selector names, once it is there. */
        public Tab press(String selector) {
            String quoted = JSON.writeValueAsString(selector);
            waitFor("document.querySelector(" + quoted + ")");
            run("document.querySelector(" + quoted + ").click()");
            return this;
        }

        /** Fills in a field. */
        public Tab type(String selector, String text) {
            String quoted = JSON.writeValueAsString(selector);
            waitFor("document.querySelector(" + quoted + ")");
            run("(() => { const field = document.querySelector(" + quoted + "); field.focus(); field.value = "
                    + JSON.writeValueAsString(text)
                    + "; field.dispatchEvent(new Event('input', {bubbles: true})); })()");
            return this;
        }

        public String text(String selector) {
            return run("document.querySelector(" + JSON.writeValueAsString(selector) + ").innerText");
        }

        public void close() {
            call("browsingContext.close", JSON.createObjectNode().put("context", context));
        }
    }

    /** A new, empty tab. All tabs of a Firefox share cookies and service workers. */
    public Tab tab() {
        JsonNode made = call("browsingContext.create", JSON.createObjectNode().put("type", "tab"));
        return new Tab(made.path("context").asString());
    }

    private JsonNode call(String method, ObjectNode parameters, String inside) {
        ObjectNode outer = JSON.createObjectNode();
        outer.set(inside, parameters);
        return call(method, outer);
    }

    private JsonNode call(String method, ObjectNode parameters) {
        long id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        open.put(id, answer);
        ObjectNode command = JSON.createObjectNode().put("id", id).put("method", method);
        command.set("params", parameters);
        synchronized (this) {
            await(socket.sendText(command.toString(), true));
        }
        JsonNode said = await(answer);
        if (!said.path("type").asString().equals("success")) {
            throw new AssertionError(method + ": " + said);
        }
        return said.path("result");
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("Firefox does not answer", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonNode said = JSON.readTree(text.toString());
                text.setLength(0);
                CompletableFuture<JsonNode> waiting =
                        open.remove(said.path("id").asLong(-1));
                if (waiting != null) {
                    waiting.complete(said);
                }
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            open.values().forEach(waiting -> waiting.completeExceptionally(error));
        }
    }

    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(Duration.ofSeconds(10))) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }
}
