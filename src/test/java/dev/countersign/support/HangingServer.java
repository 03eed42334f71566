package dev.countersign.support;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A server that takes every connection and never gets anywhere: it says nothing, or begins an answer and goes on for ever. */
public final class HangingServer implements AutoCloseable {
    private final ServerSocket socket;
    private final String begins;
    private final String drop;
    private final long pauseNanos;
    private final Set<Socket> held = ConcurrentHashMap.newKeySet();

    private HangingServer(String begins, String drop, long pauseNanos) {
        this.begins = begins;
        this.drop = drop;
        this.pauseNanos = pauseNanos;
        try {
            this.socket = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Reads nothing and says nothing. */
    public static HangingServer silent() {
        return new HangingServer("", "", 0);
    }

    /** Says how it begins, and then a drop every few milliseconds: no wait for a single byte is ever long. */
    public static HangingServer dripping(String begins, String drop) {
        return new HangingServer(begins, drop, 20_000_000);
    }

    /** The same as fast as the other side reads. */
    public static HangingServer flooding(String begins, String drop) {
        return new HangingServer(begins, drop, 0);
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** How many connections it has been given. */
    public int connections() {
        return held.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                held.add(client);
                if (!drop.isEmpty()) {
                    Thread.ofVirtual().start(() -> drip(client));
                }
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private void drip(Socket client) {
        try {
            OutputStream out = client.getOutputStream();
            out.write(begins.getBytes(StandardCharsets.US_ASCII));
            while (true) {
                out.write(drop.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                LockSupport.parkNanos(pauseNanos);
            }
        } catch (IOException e) {
            // The other side has had enough.
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
            for (Socket client : held) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
