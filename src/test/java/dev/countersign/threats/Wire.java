package dev.countersign.threats;

import dev.countersign.support.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Sends bytes no HTTP client would send, and reads what comes back until the server closes. */
final class Wire {
    private static final int PATIENCE_MILLIS = 20_000;

    private Wire() {}

    /** A reply as it came. */
    record Reply(String text) {
        int status() {
            return text.matches("(?s)HTTP/1\\.\\d \\d{3}.*") ? Integer.parseInt(text.substring(9, 12)) : 0;
        }

        String head() {
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? text : text.substring(0, end);
        }
    }

    /** Sends {@code lines} as the head of a request that closes the connection; {@code Host} is among them if wanted. */
    static Reply head(TestServer server, String... lines) {
        return send(
                server,
                (String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    static Reply send(TestServer server, byte[] bytes) {
        try (Socket socket = new Socket(InetAddress.getByName("localhost"), server.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            ByteArrayOutputStream reply = new ByteArrayOutputStream();
            read(socket, reply);
            return new Reply(reply.toString(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Reads to the end; a server that closes on what it will not read to its end resets the connection. */
    private static void read(Socket socket, ByteArrayOutputStream reply) throws IOException {
        byte[] buffer = new byte[8192];
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                reply.write(buffer, 0, n);
            }
        } catch (java.net.SocketException e) {
            if (reply.size() == 0) {
                throw e;
            }
        }
    }

    /** Sends a request and hangs up without waiting for the reply. */
    static void sendAndHangUp(TestServer server, byte[] bytes) {
        try (Socket socket = new Socket(InetAddress.getByName("localhost"), server.port())) {
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
