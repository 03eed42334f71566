package dev.countersign.web;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * A reply of server-sent events that is open for minutes and says next to nothing. Tomcat keeps request, response and their
 * buffers, some 150 KB, for as long as a reply is open, and does not notice that a browser has gone until it writes to it. So
 * the connection is taken out of its hands once the headers are sent, in the way it offers for protocols that begin as HTTP:
 * what is left of it is the socket, which is also watched for its end. Thread-safe.
 */
public final class EventStream {
    private final Connection connection;

    private EventStream(Connection connection) {
        this.connection = connection;
    }

    /**
     * Sends the headers, and nothing else yet. The handler of the request returns without touching the reply any more.
     *
     * @param opened called once the stream takes events, in a thread of the server
     * @param ended called once, however it ended
     */
    public static void open(
            HttpServletRequest request, HttpServletResponse response, Consumer<EventStream> opened, Runnable ended)
            throws IOException, ServletException {
        response.setContentType("text/event-stream;charset=UTF-8");
        // Its length is not known, and nothing follows on this connection: the events are sent as they are, not in
        // chunks.
        response.setHeader("Connection", "close");
        // nginx collects what it passes on, unless told not to.
        response.setHeader("X-Accel-Buffering", "no");
        response.flushBuffer();
        Connection connection = request.upgrade(Connection.class);
        connection.opened = () -> opened.accept(new EventStream(connection));
        connection.ended = ended;
    }

    /** Says something no page hears of, so that nobody on the way takes the connection for dead. */
    public void comment() {
        connection.write(":\n\n");
    }

    /** How long a browser is to wait before it connects again. */
    public void retryAfter(long millis) {
        connection.write("retry: " + millis + "\n\n");
    }

    /** One event; neither name nor data has a line feed. */
    public void event(String name, String data) {
        connection.write("event: " + name + "\ndata: " + data + "\n\n");
    }

    /** Ends the reply. */
    public void end() {
        connection.close();
    }

    /** What Tomcat knows of it; public because Tomcat makes it. */
    public static final class Connection implements InternalHttpUpgradeHandler {
        private final ReentrantLock writing = new ReentrantLock();
        private volatile @Nullable SocketWrapperBase<?> socket;
        private volatile Runnable opened = () -> {};
        private volatile Runnable ended = () -> {};

        @Override
        public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
            socket = wrapper;
        }

        @Override
        public void init(WebConnection same) {
            opened.run();
        }

        /** Browsers send nothing here; what can be read is the end, or no browser. */
        @Override
        public SocketState upgradeDispatch(SocketEvent event) {
            SocketWrapperBase<?> from = socket;
            if (from == null || event != SocketEvent.OPEN_READ) {
                return SocketState.CLOSED;
            }
            try {
                return from.read(false, new byte[1], 0, 1) == 0 ? SocketState.UPGRADED : SocketState.CLOSED;
            } catch (IOException e) {
                return SocketState.CLOSED;
            }
        }

        @Override
        public void destroy() {
            Runnable once = ended;
            ended = () -> {};
            once.run();
        }

        private void write(String text) {
            SocketWrapperBase<?> to = socket;
            if (to == null) {
                return;
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            writing.lock();
            try {
                to.write(true, bytes, 0, bytes.length);
                to.flush(true);
            } catch (IOException e) {
                to.close();
            } finally {
                writing.unlock();
            }
        }

        private void close() {
            SocketWrapperBase<?> to = socket;
            if (to != null) {
                to.close();
            }
        }

        @Override
        public void timeoutAsync(long now) {
            // Streams are ended by whoever opened them.
        }

        @Override
        public void setSslSupport(SSLSupport support) {
            // Nothing is asked of it.
        }

        @Override
        public void pause() {
            // Streams are ended by whoever opened them.
        }
    }
}
