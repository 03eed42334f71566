package dev.countersign.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/** Browsers that wait for server-sent events, each on a connection of its own, all read by one thread. */
final class Browsers implements AutoCloseable {
    private static final int AT_ONCE = 64;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final Selector selector = Selector.open();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(8_192);
    private final AtomicLongArray told;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger others = new AtomicInteger();

    Browsers(int most) throws IOException {
        this.told = new AtomicLongArray(most);
        Thread.ofPlatform().daemon().name("browsers").start(this::read);
    }

    /** Lets one more browser wait with this cookie. */
    void add(int port, String address, String token) throws IOException {
        int number = channels.size();
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channels.add(channel);
        String request = "GET /sign-in/approval/events HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address
                + "\r\nAccept: text/event-stream\r\nSec-Fetch-Site: same-origin\r\n"
                + "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                + "Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
                + "Cookie: __Host-countersign-signin=" + token + "\r\n\r\n";
        channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, number);
        selector.wakeup();
        await(() -> waiting.get() + others.get() >= channels.size() - AT_ONCE);
    }

    /** Waits until every one has been answered; how many wait. */
    int waiting() {
        await(() -> waiting.get() + others.get() >= channels.size());
        return waiting.get();
    }

    /** When each of the first {@code count} was told, in nanoseconds; 0 for who was not. */
    long[] told(int count) {
        await(() -> {
            for (int i = 0; i < count; i++) {
                if (told.get(i) == 0) {
                    return false;
                }
            }
            return true;
        });
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            at[i] = told.get(i);
        }
        return at;
    }

    private interface Condition {
        boolean isMet();
    }

    private static void await(Condition condition) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.isMet() && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private void read() {
        try {
            while (selector.isOpen()) {
                selector.select(this::read);
            }
        } catch (IOException | java.nio.channels.ClosedSelectorException e) {
            return;
        }
    }

    private void read(SelectionKey key) {
        long now = System.nanoTime();
        int number = (Integer) key.attachment();
        try {
            buffer.clear();
            if (((SocketChannel) key.channel()).read(buffer) < 0) {
                key.cancel();
                return;
            }
        } catch (IOException e) {
            key.cancel();
            return;
        }
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII);
        if (text.startsWith("HTTP/1.1")) {
            (text.startsWith("HTTP/1.1 200") ? waiting : others).incrementAndGet();
        }
        if (text.contains("data: approved")) {
            told.compareAndSet(number, 0, now);
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
