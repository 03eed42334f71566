package dev.countersign.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A server on a loopback port whose certificate nobody has signed, in the middle of somebody's network. It counts who was not
 * taken in, and who told it something.
 */
public final class TlsStranger implements AutoCloseable {
    private final ServerSocket socket;
    private final SSLSocketFactory tls;
    private final boolean mail;
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();

    private TlsStranger(boolean mail, TestCertificate certificate) {
        this.mail = mail;
        try {
            this.tls = certificate.server().getSocketFactory();
            this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Speaks TLS from the beginning. */
    public static TlsStranger fromTheBeginning() {
        return fromTheBeginning(certificate());
    }

    /** As {@link #fromTheBeginning()}, with a certificate that somebody may trust. */
    public static TlsStranger fromTheBeginning(TestCertificate certificate) {
        return new TlsStranger(false, certificate);
    }

    /** Speaks SMTP, and TLS after STARTTLS (RFC 3207). */
    public static TlsStranger afterStartTls() {
        return afterStartTls(certificate());
    }

    /** As {@link #afterStartTls()}, with a certificate that somebody may trust. */
    public static TlsStranger afterStartTls(TestCertificate certificate) {
        return new TlsStranger(true, certificate);
    }

    private static TestCertificate certificate() {
        return TestCertificate.of("dns:localhost,ip:127.0.0.1");
    }

    public int port() {
        return socket.getLocalPort();
    }

    /** How many did not want to speak with it. */
    public int refused() {
        return refused.get();
    }

    /** How many told it anything inside TLS. */
    public int told() {
        return told.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket plain = socket.accept();
                Thread.ofVirtual().start(() -> listen(plain));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void listen(Socket plain) {
        try (plain) {
            if (mail && !askedForTls(plain)) {
                return;
            }
            SSLSocket secure = (SSLSocket) tls.createSocket(plain, "stranger", plain.getPort(), true);
            secure.setUseClientMode(false);
            secure.startHandshake();
            if (secure.getInputStream().read() >= 0) {
                told.incrementAndGet();
            }
        } catch (IOException e) {
            refused.incrementAndGet();
        }
    }

    private static boolean askedForTls(Socket plain) throws IOException {
        say(plain, "220 stranger ESMTP\r\n");
        while (true) {
            String line = line(plain.getInputStream());
            if (line.isEmpty()) {
                return false;
            }
            if (line.startsWith("STARTTLS")) {
                say(plain, "220 go on\r\n");
                return true;
            }
            say(plain, line.startsWith("EHLO") ? "250-stranger\r\n250 STARTTLS\r\n" : "502 no\r\n");
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
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
