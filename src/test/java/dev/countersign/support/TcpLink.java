package dev.countersign.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network between a server and its database: what is sent through it arrives, until it is frozen. Then nothing arrives and
 * nothing breaks, as with a cable that was pulled.
 */
public final class TcpLink implements AutoCloseable {
    private final ServerSocket entrance;
    private volatile int to;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Object thaw = new Object();
    private boolean frozen;

    /** A way to this port of the same machine. */
    public TcpLink(int to) {
        try {
            this.to = to;
            this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return entrance.getLocalPort();
    }

    /** From now on it leads to this port; whoever was connected is not any more. */
    public void leadTo(int port) {
        to = port;
        closeAll();
    }

    public void freeze() {
        synchronized (thaw) {
            frozen = true;
        }
    }

    public void thaw() {
        synchronized (thaw) {
            frozen = false;
            thaw.notifyAll();
        }
    }

    private void accept() {
        try {
            while (!entrance.isClosed()) {
                Socket here = entrance.accept();
                Socket there = new Socket(InetAddress.getLoopbackAddress(), to);
                sockets.add(here);
                sockets.add(there);
                Thread.ofVirtual().start(() -> carry(here, there));
                Thread.ofVirtual().start(() -> carry(there, here));
            }
        } catch (IOException e) {
            close();
        }
    }

    private void carry(Socket from, Socket target) {
        try (from;
                target) {
            InputStream in = from.getInputStream();
            OutputStream out = target.getOutputStream();
            byte[] buffer = new byte[16_384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                awaitThaw();
                out.write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException e) {
            sockets.remove(from);
        }
    }

    private void awaitThaw() throws InterruptedException {
        synchronized (thaw) {
            while (frozen) {
                thaw.wait();
            }
        }
    }

    @Override
    public void close() {
        thaw();
        try {
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeAll();
    }

    private void closeAll() {
        try {
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
