package dev.countersign.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.apache.tomcat.util.buf.StringCache;
import org.junit.jupiter.api.Test;

/** What a connection that is kept by a proxy may count on. */
class ConnectionsTest {
    @Test
    void a_connection_carries_more_than_a_hundred_requests_and_none_of_their_texts_is_remembered() throws Exception {
        try (TestServer server = TestServer.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                BufferedReader replies = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
            for (int i = 0; i < 300; i++) {
                socket.getOutputStream()
                        .write("HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(replies.readLine()).as("request %d", i).isEqualTo("HTTP/1.1 200 ");
                for (String line = replies.readLine(); !line.isEmpty(); line = replies.readLine()) {
                    assertThat(line).doesNotContainIgnoringCase("Connection: close");
                }
            }
            assertThat(new StringCache().getByteEnabled()).isFalse();
        }
    }
}
