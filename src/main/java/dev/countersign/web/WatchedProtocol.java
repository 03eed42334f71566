package dev.countersign.web;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.coyote.Adapter;
import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.buf.StringCache;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP, with a view of what is under way: Tomcat limits the wait for each piece of a request, so that whoever sends a byte every few
 * seconds holds a connection and its buffers for days. {@link SlowRequests} decides what is too slow. Public because Tomcat makes it. Thread-safe.
 */
public final class WatchedProtocol extends Http11NioProtocol {
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();

    /** Also keeps Tomcat from remembering texts that came in: it counts the first 20,000, tokens among them, and keeps the most frequent for good. */
    public WatchedProtocol() {
        new StringCache().setByteEnabled(false);
    }

    @Override
    protected Processor createProcessor() {
        return new Exchange(this, getAdapter(), exchanges);
    }

    /** Requests whose first byte has arrived and whose reply is not finished. */
    Collection<Exchange> exchanges() {
        exchanges.removeIf(Exchange::isGone);
        return exchanges;
    }

    long connections() {
        return getEndpoint().getConnectionCount();
    }

    /** Connections on which nothing is under way, and that are no streams of events. */
    List<SocketWrapperBase<?>> idle() {
        Set<SocketWrapperBase<?>> busy = new HashSet<>();
        exchanges().forEach(exchange -> {
            SocketWrapperBase<?> socket = exchange.socket();
            if (socket != null) {
                busy.add(socket);
            }
        });
        List<SocketWrapperBase<?>> idle = new ArrayList<>();
        for (SocketWrapperBase<?> socket : getEndpoint().getConnections()) {
            if (socket.getCurrentProcessor() == null && !busy.contains(socket)) {
                idle.add(socket);
            }
        }
        return idle;
    }

    /** Where a request stands. */
    enum Phase {
        /** Its head has begun to arrive. */
        HEAD,
        /** Its body is still to arrive. */
        BODY,
        /** It is all here. */
        REPLY
    }

    /** One connection on which a request is under way. */
    static final class Exchange extends Http11Processor {
        private final Set<Exchange> all;

        Exchange(AbstractHttp11Protocol<?> protocol, Adapter adapter, Set<Exchange> all) {
            super(protocol, adapter);
            this.all = all;
        }

        @Override
        public SocketState service(SocketWrapperBase<?> socket) throws IOException {
            all.add(this);
            SocketState state = SocketState.CLOSED;
            try {
                state = super.service(socket);
                return state;
            } finally {
                if (state != SocketState.LONG) {
                    all.remove(this);
                }
            }
        }

        @Nullable SocketWrapperBase<?> socket() {
            return getSocketWrapper();
        }

        /** Tomcat forgets a processor whose connection was closed from elsewhere, and does not clear it. */
        boolean isGone() {
            SocketWrapperBase<?> socket = getSocketWrapper();
            return socket == null || socket.isClosed();
        }

        /** Another one for each request of a connection. */
        long request() {
            return getRequest().getStartTimeNanos();
        }

        Phase phase() {
            if (getRequest().getRequestProcessor().getStage() < Constants.STAGE_SERVICE) {
                return Phase.HEAD;
            }
            return isRequestBodyFullyRead() ? Phase.REPLY : Phase.BODY;
        }

        long bodyRead() {
            Request request = getRequest();
            return request.getBytesRead();
        }

        void close() {
            SocketWrapperBase<?> socket = getSocketWrapper();
            if (socket != null) {
                socket.close();
            }
        }
    }
}
