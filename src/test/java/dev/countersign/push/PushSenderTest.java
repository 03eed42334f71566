package dev.countersign.push;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import dev.countersign.support.LocalPushService;
import dev.countersign.support.LocalPushService.Answer;
import dev.countersign.support.LocalPushService.Posted;
import dev.countersign.support.PushSubscriber;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.Vault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending, to a real push service on loopback that reads with code of its own, and to one that misbehaves. */
class PushSenderTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final PushSender.Patience LONG =
            new PushSender.Patience(Duration.ofSeconds(10), Duration.ofSeconds(20));
    private static final PushSender.Patience SHORT =
            new PushSender.Patience(Duration.ofSeconds(1), Duration.ofSeconds(3));
    private static final TestInstallation ON = TestInstallation.sqlite();

    private final LocalPushService service = LocalPushService.start();
    private final AtomicInteger lookups = new AtomicInteger();
    private final Settings settings = SettingsLoader.load(
            Map.of(
                    SettingKey.PUSH_ALLOWED_ENDPOINTS,
                    service.origin() + ",http://push.test:" + service.port() + ",http://127.0.0.1:1"),
            Map.of(),
            Optional.empty());
    private final Endpoints endpoints = new Endpoints(settings);
    private final PushKeys keys = new PushKeys(ON.database(), ON.get(Vault.class), Clock.systemUTC(), settings);
    private final PushSender sender = sender(LONG);
    /** For those who let it wait. */
    private final PushSender impatient = sender(SHORT);

    @AfterEach
    void end() throws IOException {
        sender.destroy();
        impatient.destroy();
        service.close();
    }

    private PushSender sender(PushSender.Patience patience) {
        return new PushSender(endpoints, keys, new Randomness(), new TestNames(), patience);
    }

    /** Every name of a test leads to this machine. */
    private final class TestNames implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            lookups.incrementAndGet();
            if (host.equals("unknown.example")) {
                throw new UnknownHostException(host);
            }
            return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    private Subscription subscription(PushSubscriber subscriber) {
        return subscription(subscriber, subscriber.endpoint());
    }

    private Subscription subscription(PushSubscriber subscriber, String endpoint) {
        return ((Subscription.Parsed.Accepted)
                        Subscription.parse(endpoint, subscriber.p256dh(), subscriber.auth(), endpoints))
                .subscription();
    }

    private Sent send(Subscription to) {
        return send(to, "hello");
    }

    private Sent send(Subscription to, String text) {
        return send(sender, to, text);
    }

    private static Sent send(PushSender by, Subscription to, String text) {
        byte[] message = text.getBytes(StandardCharsets.UTF_8);
        return by.send(to, message, MINUTE, Urgency.HIGH, Optional.empty(), NOW);
    }

    private Sent sendInAHurry() {
        return send(impatient, subscription(service.subscriber()), "hello");
    }

    private Sent sendAnswering(Answer answer) {
        service.answerNext(answer);
        return send(subscription(service.subscriber()));
    }

    @Test
    void a_message_arrives_with_what_a_push_service_asks_for_and_only_its_subscriber_reads_it() {
        PushSubscriber subscriber = service.subscriber();
        byte[] message = "Wer ist da? ✓".getBytes(StandardCharsets.UTF_8);
        Sent sent = sender.send(
                subscription(subscriber), message, Duration.ofSeconds(57), Urgency.HIGH, Optional.of("r-1_A"), NOW);
        assertThat(sent).isEqualTo(new Sent.Accepted());
        Posted posted = service.next();
        assertThat(service.origin() + posted.path()).isEqualTo(subscriber.endpoint());
        assertThat(posted.headers())
                .containsEntry("ttl", "57")
                .containsEntry("urgency", "high")
                .containsEntry("topic", "r-1_A")
                .containsEntry("content-encoding", "aes128gcm")
                .containsEntry("content-type", "application/octet-stream")
                .containsEntry("user-agent", "Countersign");
        assertThat(posted.claims().path("aud").asString()).isEqualTo(service.origin());
        assertThat(posted.claims().path("exp").asLong())
                .isEqualTo(NOW.plus(Duration.ofHours(12)).getEpochSecond());
        assertThat(subscriber.read(posted.body())).isEqualTo("Wer ist da? ✓");
        assertThatThrownBy(() -> service.subscriber().read(posted.body())).isInstanceOf(AssertionError.class);
    }

    @Test
    void length_and_contents_tell_nothing() {
        PushSubscriber subscriber = service.subscriber();
        List<byte[]> bodies = List.of("", "a", "a", "x".repeat(PushSender.LONGEST_MESSAGE)).stream()
                .map(text -> {
                    assertThat(send(subscription(subscriber), text)).isEqualTo(new Sent.Accepted());
                    byte[] body = service.next().body();
                    assertThat(subscriber.read(body)).isEqualTo(text);
                    return body;
                })
                .toList();
        assertThat(bodies).extracting(body -> body.length).containsOnly(3175);
        assertThat(bodies.get(1)).isNotEqualTo(bodies.get(2));
    }

    @Test
    void a_message_that_cannot_be_one_is_a_mistake_of_the_caller() {
        Subscription to = subscription(service.subscriber());
        byte[] none = new byte[0];
        assertThatThrownBy(() -> send(to, "x".repeat(PushSender.LONGEST_MESSAGE + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        for (String topic : List.of("", "a b", "a\r\nX: y", "x".repeat(33))) {
            assertThatThrownBy(() -> sender.send(to, none, MINUTE, Urgency.LOW, Optional.of(topic), NOW))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (Duration life : List.of(Duration.ofSeconds(-1), Duration.ofDays(29))) {
            assertThatThrownBy(() -> sender.send(to, none, life, Urgency.LOW, Optional.empty(), NOW))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(service.waiting()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204})
    void an_accepted_message_is_accepted(int status) {
        assertThat(sendAnswering(Answer.status(status))).isEqualTo(new Sent.Accepted());
    }

    @Test
    void a_subscription_that_has_ended_is_gone() {
        assertThat(sendAnswering(Answer.status(404))).isEqualTo(new Sent.Gone());
        PushSubscriber subscriber = service.subscriber();
        service.end(subscriber.endpoint());
        assertThat(send(subscription(subscriber))).isEqualTo(new Sent.Gone());
    }

    @ParameterizedTest
    @CsvSource({
        "429, 7, 7",
        "503, 0, 1",
        "503, 86400, 3600",
        "429, 999999999999, 2",
        "429, -5, 2",
        "429, soon, 2",
        "'429', 'Mon, 02 Mar 2026 08:00:30 GMT', 30",
        "'429', 'Mon, 02 Mar 2026 07:00:00 GMT', 1",
        "408, 3, 3",
        "500, 4, 4",
        "502, 5, 5"
    })
    void a_busy_push_service_says_when_to_come_again(int status, String retryAfter, long seconds) {
        assertThat(sendAnswering(Answer.status(status, "Retry-After: " + retryAfter)))
                .isEqualTo(new Sent.Later(Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 405, 413, 418})
    void what_would_end_the_same_again_is_refused(int status) {
        assertThat(sendAnswering(Answer.status(status)))
                .isEqualTo(new Sent.Refused("the push service answers " + status));
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void a_redirect_is_not_followed(int status) {
        String elsewhere = service.subscriber().endpoint();
        assertThat(sendAnswering(Answer.status(status, "Location: " + elsewhere)))
                .isEqualTo(new Sent.Refused("the push service answers " + status));
        assertThat(service.next().path()).isNotEqualTo(elsewhere);
        assertThat(service.waiting()).isZero();
    }

    @Test
    void cookies_are_not_kept_and_connections_are() {
        Subscription to = subscription(service.subscriber());
        service.answerNext(Answer.status(201, "Set-Cookie: a=b"));
        assertThat(send(to)).isEqualTo(new Sent.Accepted());
        assertThat(send(to)).isEqualTo(new Sent.Accepted());
        service.next();
        assertThat(service.next().headers()).doesNotContainKey("cookie");
        assertThat(service.connections()).isEqualTo(1);
    }

    /** Proxies of the environment would make the connection instead of us, to addresses of their choice. */
    @Test
    void proxies_of_the_environment_are_not_used() throws IOException {
        System.setProperty("http.proxyHost", "127.0.0.1");
        System.setProperty("http.proxyPort", "1");
        System.setProperty("http.nonProxyHosts", "");
        PushSender fresh = sender(LONG);
        try {
            byte[] message = new byte[1];
            assertThat(fresh.send(
                            subscription(service.subscriber()), message, MINUTE, Urgency.LOW, Optional.empty(), NOW))
                    .isEqualTo(new Sent.Accepted());
        } finally {
            List.of("http.proxyHost", "http.proxyPort", "http.nonProxyHosts").forEach(System::clearProperty);
            fresh.destroy();
        }
    }

    // Names and addresses

    @Test
    void a_public_name_that_leads_into_our_network_is_not_connected_to() {
        PushSubscriber subscriber = service.subscriber();
        Subscription to = subscription(subscriber, "https://push.example/x");
        assertThat(send(to)).isEqualTo(new Sent.Refused("the endpoint's name has an address that is not public"));
        assertThat(lookups).hasValue(1);
        assertThat(service.connections()).isZero();
    }

    /** The connection goes to what was looked at: a second look-up could answer differently. */
    @Test
    void a_name_is_looked_up_once_for_a_connection() {
        PushSubscriber subscriber = service.subscriber("http://push.test:" + service.port());
        assertThat(send(subscription(subscriber))).isEqualTo(new Sent.Accepted());
        assertThat(lookups).hasValue(1);
        assertThat(service.next().headers()).containsEntry("host", "push.test:" + service.port());
    }

    @Test
    void allowing_a_name_does_not_allow_it_on_other_ports() {
        Subscription to = subscription(service.subscriber(), "https://push.test/x");
        assertThat(send(to)).isEqualTo(new Sent.Refused("the endpoint's name has an address that is not public"));
    }

    @Test
    void what_was_stored_is_judged_again() {
        Endpoints strict = new Endpoints(SettingsLoader.load(Map.of(), Map.of(), Optional.empty()));
        PushSender other = new PushSender(strict, keys, new Randomness(), new TestNames(), LONG);
        Subscription stored = Subscription.of(subscription(service.subscriber()).secret());
        assertThat(other.send(stored, new byte[1], MINUTE, Urgency.LOW, Optional.empty(), NOW))
                .isInstanceOf(Sent.Refused.class);
        assertThat(service.connections()).isZero();
    }

    @Test
    void a_name_nobody_knows_and_a_port_nobody_listens_on_are_tried_again() {
        assertThat(send(subscription(service.subscriber(), "https://unknown.example/x")))
                .isEqualTo(new Sent.Later(Duration.ofSeconds(2)));
        assertThat(send(subscription(service.subscriber(), "http://127.0.0.1:1/x")))
                .isEqualTo(new Sent.Later(Duration.ofSeconds(2)));
    }

    // Answers meant to hurt

    @Test
    void an_endless_answer_is_read_no_further_than_64_kib() {
        AtomicInteger written = new AtomicInteger();
        assertThat(sendAnswering(Answer.endless("HTTP/1.1 201 Said\r\nContent-Length: 2000000000\r\n\r\n", written)))
                .isEqualTo(new Sent.Accepted());
        assertThat(send(subscription(service.subscriber()))).isEqualTo(new Sent.Accepted());
        // What lies in the buffers of both sockets was written too, and never read.
        assertThat(written.get()).isLessThan(16 << 20);
        assertThat(service.connections()).isEqualTo(2);
    }

    @Test
    void endless_headers_are_read_no_further_than_their_bound() {
        Sent later = new Sent.Later(Duration.ofSeconds(2));
        assertThat(sendAnswering(Answer.endless("HTTP/1.1 201 Said\r\nX: ", new AtomicInteger())))
                .isEqualTo(later);
        String many =
                IntStream.range(0, 1_000).mapToObj(i -> "X" + i + ": y\r\n").collect(Collectors.joining());
        assertThat(sendAnswering(Answer.raw("HTTP/1.1 201 Said\r\n" + many + "\r\n")))
                .isEqualTo(later);
        assertThat(sendAnswering(Answer.raw("SSH-2.0-OpenSSH_9.9\r\n\r\n"))).isEqualTo(later);
        assertThat(sendAnswering(Answer.raw("HTTP/1.1 201 Said\r\nContent-Length: -1\r\n\r\n")))
                .isInstanceOfAny(Sent.Later.class, Sent.Accepted.class);
    }

    @Test
    void silence_ends_with_the_patience() {
        service.answerNext(Answer.silence());
        assertThat(sendInAHurry()).isEqualTo(new Sent.Later(Duration.ofSeconds(2)));
        assertThat(sendInAHurry()).as("the next one").isEqualTo(new Sent.Accepted());
    }

    @Test
    void a_caller_that_is_interrupted_takes_no_place_with_it() throws InterruptedException {
        Subscription to = subscription(service.subscriber());
        for (int i = 0; i < 200; i++) {
            Thread caller = Thread.ofVirtual().start(() -> send(to));
            caller.interrupt();
            caller.join();
        }
        assertThat(send(to)).isEqualTo(new Sent.Accepted());
    }

    /** Each drop comes in time; all of them together do not. */
    @Test
    void an_answer_drop_by_drop_ends_with_the_patience() {
        service.answerNext(Answer.dripping());
        assertThat(sendInAHurry()).isEqualTo(new Sent.Later(Duration.ofSeconds(2)));
        assertThat(sendInAHurry()).as("the next one").isEqualTo(new Sent.Accepted());
    }

    @Test
    void many_send_at_once() throws Exception {
        PushSubscriber subscriber = service.subscriber();
        Subscription to = subscription(subscriber);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Sent> one =
                    () -> sender.send(to, new byte[10], MINUTE, Urgency.NORMAL, Optional.empty(), Instant.EPOCH);
            List<Future<Sent>> all =
                    IntStream.range(0, 500).mapToObj(_ -> threads.submit(one)).toList();
            for (Future<Sent> sent : all) {
                assertThat(sent.get()).isEqualTo(new Sent.Accepted());
            }
        }
        assertThat(service.waiting()).isEqualTo(500);
        assertThat(service.connections()).isLessThanOrEqualTo(64);
    }
}
