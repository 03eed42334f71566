package dev.countersign.mail;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Connections that end after so many bytes have come: a reply may have any number of lines, and all are kept until the last. What
 * a mail server has to say about one mail is a few kilobytes. Thread-safe.
 */
final class BoundedReplies extends SocketFactory {
    private static final int MOST_BYTES = 1 << 20;

    @Override
    public Socket createSocket() {
        return new Bounded();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw notConnected();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        throw notConnected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw notConnected();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        throw notConnected();
    }

    private static IOException notConnected() {
        return new IOException("a socket is connected by who asked for it");
    }

    private static final class Bounded extends Socket {
        private int left = MOST_BYTES;

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    int count = super.read(bytes, offset, length);
                    left -= Math.max(0, count);
                    if (left < 0) {
                        throw new IOException("The mail server sent more than a megabyte.");
                    }
                    return count;
                }
            };
        }
    }
}
