package dev.countersign.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A push service on a loopback port. From one side servers post to it by RFC 8030; at the other Firefox waits on a WebSocket,
 * in the protocol it speaks with Mozilla's service. It checks who posts by RFC 8292 and misbehaves on demand.
 */
public final class LocalPushService implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String PATH = "/wpush/v2/";

    private final ServerSocket socket;
    private final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> acknowledged = new LinkedBlockingQueue<>();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final Map<String, Optional<Channel>> subscriptions = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicReference<Throwable> broken = new AtomicReference<>();

    private LocalPushService(ServerSocket socket) {
        this.socket = socket;
    }

    public static LocalPushService start() {
        try {
            LocalPushService service =
                    new LocalPushService(new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1")));
            Thread.ofVirtual().start(service::accept);
            return service;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where Firefox waits for messages. */
    private record Channel(String id, WebSocketConnection connection, String key) {}

    /** A message as it arrived. The names of its headers are in small letters. */
    public record Posted(String path, Map<String, String> headers, byte[] body) {
        /** What the Authorization header claims, after its signature was checked. */
        public JsonNode claims() {
            String token = token(headers.get("authorization"));
            return JSON.readTree(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]));
        }
    }

    /** What the service answers to one message. */
    public interface Answer {
        void write(OutputStream out) throws IOException;

        static Answer status(int status, String... headers) {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\nContent-Length: 0\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            return raw(head + "\r\n");
        }

        static Answer raw(String text) {
            return out -> out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** An answer of any length that is written until the other side has had enough; counts what it took. */
        static Answer endless(String head, AtomicInteger written) {
            return out -> {
                out.write(head.getBytes(StandardCharsets.ISO_8859_1));
                byte[] some = "x".repeat(1024).getBytes(StandardCharsets.ISO_8859_1);
                while (true) {
                    out.write(some);
                    out.flush();
                    written.addAndGet(some.length);
                }
            };
        }

        /** Says nothing and keeps the connection open. */
        static Answer silence() {
            return _ -> {
                throw new Silence();
            };
        }

        /** One byte after another, each soon enough to keep a reader that only counts the time between two of them. */
        static Answer dripping() {
            return out -> {
                out.write("HTTP/1.1 201 Said\r\nContent-Length: 60000\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                for (int i = 0; i < 60_000; i++) {
                    out.write('x');
                    out.flush();
                    java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                }
            };
        }
    }

    private static final class Silence extends IOException {}

    /** The address Firefox is given as {@code dom.push.serverURL}. */
    public String webSocketUrl() {
        return "ws://127.0.0.1:" + port() + "/";
    }

    /** What the product has to be allowed: {@code http://127.0.0.1:port}. */
    public String origin() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** A browser's end without a browser. */
    public PushSubscriber subscriber() {
        return subscriber(origin());
    }

    /** A subscriber whose endpoint begins with another origin, which has to lead here. */
    public PushSubscriber subscriber(String origin) {
        String id = UUID.randomUUID().toString();
        subscriptions.put(id, Optional.empty());
        return new PushSubscriber(origin + PATH + id);
    }

    /** Ends a subscription, as a browser does whose person has had enough: 410 from now on. */
    public void end(String endpoint) {
        subscriptions.remove(endpoint.substring(endpoint.lastIndexOf('/') + 1));
    }

    /** Answers the next message like this; without a word, as push services do. */
    public void answerNext(Answer answer) {
        synchronized (answers) {
            answers.add(answer);
        }
    }

    /** The next message that arrives. */
    public Posted next() {
        try {
            Posted message = posted.poll(20, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message arrived; " + broken.get());
            }
            return message;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until Firefox says that its service worker had a message. */
    public void awaitAcknowledgement() {
        try {
            String answer = acknowledged.poll(20, TimeUnit.SECONDS);
            if (answer == null || !answer.equals("ack")) {
                throw new AssertionError("Firefox did not take the message: " + answer + "; " + broken.get());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many messages have arrived and were not asked for. */
    public int waiting() {
        return posted.size();
    }

    /** How many connections were ever made. */
    public int connections() {
        return connections.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(connection));
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                broken.set(e);
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            InputStream in = new BufferedInputStream(connection.getInputStream());
            OutputStream out = connection.getOutputStream();
            for (Map<String, String> head = head(in); !head.isEmpty(); head = head(in)) {
                if (head.containsKey("sec-websocket-key")) {
                    talk(new WebSocketConnection(
                            in,
                            out,
                            head.get("sec-websocket-key"),
                            Optional.ofNullable(head.get("sec-websocket-protocol"))));
                    return;
                }
                byte[] body = in.readNBytes(Integer.parseInt(head.getOrDefault("content-length", "0")));
                Posted message = new Posted(head.get(":path"), head, body);
                Answer answer = answer(message);
                posted.add(message);
                answer.write(out);
                out.flush();
            }
        } catch (Silence e) {
            awaitEnd(connection);
        } catch (SocketException e) {
            // The other side has gone, which is what some tests are about.
        } catch (IOException | RuntimeException e) {
            broken.set(e);
        }
    }

    private static void awaitEnd(Socket connection) {
        try (connection) {
            while (connection.getInputStream().read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            // Closed: that is what was waited for.
        }
    }

    /** The first line and the headers; empty at the end of the connection. */
    private static Map<String, String> head(InputStream in) throws IOException {
        Map<String, String> head = new TreeMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (head.isEmpty()) {
                head.put(":path", line.split(" ", -1)[1]);
            } else {
                int colon = line.indexOf(':');
                head.put(
                        line.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return head;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private Answer answer(Posted message) throws IOException {
        synchronized (answers) {
            if (!answers.isEmpty()) {
                return answers.remove();
            }
        }
        Optional<Channel> channel = subscriptions.get(message.path().substring(PATH.length()));
        if (channel == null) {
            return Answer.status(410);
        }
        if (!isAuthorised(message, channel)) {
            return Answer.status(403);
        }
        if (channel.isPresent()) {
            deliver(message, channel.get());
        }
        return Answer.status(201, "Location: " + origin() + "/m/" + UUID.randomUUID());
    }

    /** RFC 8292 section 4.2: signed by the key of the header, which is the key of the subscription, for this service. */
    private static boolean isAuthorised(Posted message, Optional<Channel> channel) {
        String header = message.headers().getOrDefault("authorization", "");
        if (!header.matches("vapid t=[\\w.-]+, k=[\\w-]{87}")) {
            return false;
        }
        String key = header.substring(header.indexOf("k=") + 2);
        String host = message.headers().get("host");
        return channel.map(one -> one.key().replace("=", "").equals(key)).orElse(true)
                && PushSubscriber.isSigned(token(header), Base64.getUrlDecoder().decode(key))
                && message.claims().path("aud").asString("").equals("http://" + host);
    }

    private static String token(String header) {
        return header.substring("vapid t=".length(), header.indexOf(','));
    }

    // Firefox

    private void deliver(Posted message, Channel channel) throws IOException {
        ObjectNode notification = JSON.createObjectNode()
                .put("messageType", "notification")
                .put("channelID", channel.id())
                .put("version", UUID.randomUUID().toString())
                .put("ttl", Integer.parseInt(message.headers().get("ttl")))
                .put("data", Base64.getUrlEncoder().withoutPadding().encodeToString(message.body()));
        notification.putObject("headers").put("encoding", message.headers().get("content-encoding"));
        channel.connection().send(notification.toString());
    }

    private void talk(WebSocketConnection connection) throws IOException {
        for (Optional<String> text = connection.read(); text.isPresent(); text = connection.read()) {
            JsonNode said = JSON.readTree(text.get());
            switch (said.path("messageType").asString("ping")) {
                case "hello" -> connection.send(hello(said));
                case "register" -> connection.send(register(said, connection));
                case "unregister" -> connection.send(unregister(said));
                case "ack" -> acknowledged.add(code(said) == 100 ? "ack" : "ack " + said);
                case "nack" -> acknowledged.add("nack " + said);
                case "ping" -> connection.send("{}");
                default -> {}
            }
        }
    }

    /** 100: the message was read; 101 and 102 say that it could not be. */
    private static int code(JsonNode said) {
        return said.path("updates").path(0).path("code").asInt(100);
    }

    private static String hello(JsonNode said) {
        String known = said.path("uaid").asString("");
        String name = known.isEmpty() ? UUID.randomUUID().toString().replace("-", "") : known;
        ObjectNode answer = JSON.createObjectNode()
                .put("messageType", "hello")
                .put("uaid", name)
                .put("status", 200)
                .put("use_webpush", true);
        answer.putObject("broadcasts");
        return answer.toString();
    }

    private String register(JsonNode said, WebSocketConnection connection) {
        String id = UUID.randomUUID().toString();
        String channel = said.path("channelID").asString();
        String key = said.path("key").asString("");
        subscriptions.put(id, Optional.of(new Channel(channel, connection, key)));
        return JSON.createObjectNode()
                .put("messageType", "register")
                .put("channelID", channel)
                .put("status", 200)
                .put("pushEndpoint", origin() + PATH + id)
                .toString();
    }

    private String unregister(JsonNode said) {
        String channel = said.path("channelID").asString();
        subscriptions
                .values()
                .removeIf(one -> one.filter(known -> known.id().equals(channel)).isPresent());
        return JSON.createObjectNode()
                .put("messageType", "unregister")
                .put("channelID", channel)
                .put("status", 200)
                .toString();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
