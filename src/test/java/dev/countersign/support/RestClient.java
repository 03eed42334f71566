package dev.countersign.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * REST over one connection that stays open as long as the server lets it. It does next to nothing itself, so that a measurement with hundreds of them
 * measures the server. Not thread-safe.
 */
public final class RestClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final Pattern ID = Pattern.compile("\"id\":\"([a-z2-7]+)\"");
    private static final Pattern TOKEN = Pattern.compile("\"token\":\"([A-Za-z0-9_-]{43})\"");

    private final int port;
    private Socket socket;
    private InputStream in;

    /** Connects to a server on this machine. */
    public RestClient(int port) throws IOException {
        this.port = port;
        connect();
    }

    private void connect() throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * What the server answered.
     *
     * @param retryAfter whether it says when to come again
     */
    public record Reply(int status, String body, boolean retryAfter) {
        public Reply(int status, String body) {
            this(status, body, false);
        }

        public boolean isSuccess() {
            return status / 100 == 2;
        }
    }

    /** A sign-in whose password was right. */
    public record Begun(String id, String token) {}

    /** Begins a sign-in with name and password; what {@link #begun} reads from the reply is needed to go on. */
    public Reply begin(Population.Person person) throws IOException {
        return begin(person, "");
    }

    /** Signs in with name, password and code in one call. */
    public Reply signIn(Population.Person person, String code) throws IOException {
        return begin(person, ",\"code\":\"" + code + "\"");
    }

    private Reply begin(Population.Person person, String more) throws IOException {
        String body =
                "{\"username\":\"" + person.username() + "\",\"password\":\"" + TestServer.PASSWORD + "\"" + more + "}";
        return post("/api/v1/sign-ins", person.address(), "", body);
    }

    public static Begun begun(Reply reply) {
        return new Begun(find(ID, reply), find(TOKEN, reply));
    }

    /** The identifier in a reply. */
    public static String id(Reply reply) {
        return find(ID, reply);
    }

    /** Answers with a code; the reply holds the session's token when the code is right. */
    public Reply answer(Population.Person person, Begun signIn, String code) throws IOException {
        String body = "{\"factor\":\"totp\",\"code\":\"" + code + "\"}";
        return post("/api/v1/sign-ins/" + signIn.id() + "/answers", person.address(), signIn.token(), body);
    }

    public static String sessionToken(Reply reply) {
        return find(TOKEN, reply);
    }

    public Reply get(String path, String token) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + authorization(token) + "\r\n");
    }

    private Reply post(String path, String address, String token, String body) throws IOException {
        return exchange("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address + "\r\n"
                + authorization(token) + "Content-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body);
    }

    /** Any call with any Authorization, as if it came from this address. */
    public Reply send(String method, String path, String address, String authorization, String body)
            throws IOException {
        return exchange(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address
                + "\r\nAuthorization: " + authorization + "\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private static String authorization(String token) {
        return token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
    }

    private Reply exchange(String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        int status = Integer.parseInt(line().substring(9, 12));
        int length = 0;
        boolean chunked = false;
        boolean last = false;
        boolean retryAfter = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            last |= lower.equals("connection: close");
            retryAfter |= lower.startsWith("retry-after:");
            chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
        }
        Reply reply = new Reply(status, status == 204 ? "" : chunked ? chunks() : text(length), retryAfter);
        if (last) {
            close();
            connect();
        }
        return reply;
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.append(text(size));
            line();
        }
        line();
        return body.toString();
    }

    private String text(int bytes) throws IOException {
        byte[] content = in.readNBytes(bytes);
        if (content.length < bytes) {
            throw new EOFException("the server hung up");
        }
        return new String(content, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the server hung up");
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.US_ASCII).stripTrailing();
    }

    private static String find(Pattern pattern, Reply reply) {
        Matcher found = pattern.matcher(reply.body());
        if (!found.find()) {
            throw new IllegalStateException("no " + pattern + " in " + reply);
        }
        return found.group(1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
