package dev.countersign.witness;

import dev.countersign.activity.Checkpoint;
import dev.countersign.activity.LogLines;
import dev.countersign.activity.SealedCheckpoint;
import dev.countersign.store.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Syslog, RFC 5424: over UDP, RFC 5426, or over TCP and TLS with octets counted, RFC 6587 and 5425. Without the lists, so that
 * a message fits into a datagram. Syslog confirms nothing: with TCP and TLS a message counts as told when the other side has
 * read to the end of the connection.
 */
final class SyslogSink implements Sink {
    /** Facility 13, log audit; severity 5, notice. */
    private static final int PRIORITY = 13 * 8 + 5;

    private final URI address;
    private final String machine;
    private final Duration patience;
    private final SSLSocketFactory trust;

    /** Trusts whom Java trusts. */
    SyslogSink(URI address, String machine, Duration patience) {
        this(address, machine, patience, (SSLSocketFactory) SSLSocketFactory.getDefault());
    }

    /** @param patience for a connection, and for each piece of what comes back; for everything six times that */
    SyslogSink(URI address, String machine, Duration patience, SSLSocketFactory trust) {
        this.address = address;
        this.machine = machine.replaceAll("[^!-~]", "-");
        this.patience = patience;
        this.trust = trust;
    }

    @Override
    public String name() {
        return "syslog " + address;
    }

    @Override
    public void tell(List<SealedCheckpoint> checkpoints) throws IOException {
        if (address.getScheme().equals("udp")) {
            tellByDatagrams(checkpoints);
            return;
        }
        int millis = Math.toIntExact(patience.toMillis());
        try (Socket socket = new Socket();
                Deadline _ = new Deadline(patience.multipliedBy(6), socket)) {
            socket.setSoTimeout(millis);
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), millis);
            if (address.getScheme().equals("tls")) {
                try (SSLSocket secured = secured(socket)) {
                    tellByStream(secured, checkpoints);
                }
            } else {
                tellByStream(socket, checkpoints);
            }
        }
    }

    /** Speaks to whoever shows a certificate that is trusted and made for this name, and to nobody else. */
    private SSLSocket secured(Socket socket) throws IOException {
        SSLSocket secured = (SSLSocket) trust.createSocket(socket, address.getHost(), address.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private void tellByDatagrams(List<SealedCheckpoint> checkpoints) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress host = InetAddress.getByName(address.getHost());
            for (SealedCheckpoint sealed : checkpoints) {
                byte[] message = message(sealed.checkpoint());
                socket.send(new DatagramPacket(message, message.length, host, address.getPort()));
            }
        }
    }

    private void tellByStream(Socket socket, List<SealedCheckpoint> checkpoints) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (SealedCheckpoint sealed : checkpoints) {
            byte[] message = message(sealed.checkpoint());
            all.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
            all.writeBytes(message);
        }
        OutputStream out = socket.getOutputStream();
        out.write(all.toByteArray());
        out.flush();
        socket.shutdownOutput();
        awaitEnd(socket);
    }

    /** A connection the other side has reset fails here; one that it keeps open has at least not failed. */
    private static void awaitEnd(Socket socket) throws IOException {
        try {
            int ignored = socket.getInputStream().read();
        } catch (SocketTimeoutException e) {
            // It reads, or it does not: syslog does not say.
        }
    }

    byte[] message(Checkpoint checkpoint) {
        String text = "<" + PRIORITY + ">1 " + Instant.ofEpochMilli(checkpoint.sealedAt()) + " " + machine
                + " countersign - checkpoint - " + LogLines.of(checkpoint);
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
