package dev.countersign.support;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;

/** The server's end of a WebSocket, RFC 6455, for texts up to 1 MiB. One thread reads; any may write. */
final class WebSocketConnection {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LONGEST = 1 << 20;

    private final DataInputStream in;
    private final OutputStream out;

    /** After the request has been read; sends the answer of section 4.2.2. */
    WebSocketConnection(InputStream in, OutputStream out, String key, Optional<String> protocol) throws IOException {
        this.in = new DataInputStream(in);
        this.out = out;
        String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(key) + "\r\n"
                + protocol.map(one -> "Sec-WebSocket-Protocol: " + one + "\r\n").orElse("") + "\r\n";
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next text; empty when the other side has gone. */
    Optional<String> read() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (true) {
            int first;
            byte[] payload;
            try {
                first = in.readUnsignedByte();
                payload = payload();
            } catch (EOFException e) {
                return Optional.empty();
            }
            switch (first & 0x0f) {
                case TEXT, CONTINUATION -> {
                    text.writeBytes(payload);
                    if ((first & 0x80) != 0) {
                        return Optional.of(text.toString(StandardCharsets.UTF_8));
                    }
                }
                case PING -> write(PONG, payload);
                case CLOSE -> {
                    write(CLOSE, payload);
                    return Optional.empty();
                }
                default -> {}
            }
        }
    }

    /** What a browser sends is masked, section 5.3. */
    private byte[] payload() throws IOException {
        long length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        if (length > LONGEST) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes((int) length);
        if (payload.length < length) {
            throw new EOFException();
        }
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    void send(String text) throws IOException {
        write(TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private synchronized void write(int kind, byte[] payload) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(10).put((byte) (0x80 | kind));
        if (payload.length < 126) {
            head.put((byte) payload.length);
        } else if (payload.length < 1 << 16) {
            head.put((byte) 126).putShort((short) payload.length);
        } else {
            head.put((byte) 127).putLong(payload.length);
        }
        out.write(head.array(), 0, head.position());
        out.write(payload);
        out.flush();
    }
}
