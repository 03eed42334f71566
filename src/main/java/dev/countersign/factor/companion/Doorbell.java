package dev.countersign.factor.companion;

import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.push.PushSender;
import dev.countersign.push.Sent;
import dev.countersign.push.Subscription;
import dev.countersign.push.Urgency;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Rings the phones that are asked: a message that holds the id of the request and nothing else. What cannot be delivered is
 * tried again for as long as the request is open; a phone that is not rung asks by itself while its companion is open. Thread-safe.
 */
@Component
public final class Doorbell {
    private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
    private static final int MOST_WAITING = 10_000;

    private final Phones phones;
    private final Approvals approvals;
    private final PushSender sender;
    private final Queue<Ring> again = new ConcurrentLinkedQueue<>();

    Doorbell(Phones phones, Approvals approvals, PushSender sender) {
        this.phones = phones;
        this.approvals = approvals;
        this.sender = sender;
    }

    private record Ring(ApprovalId request, Phone phone, Instant notBefore) {}

    /** Rings all phones of the request's owner, without waiting for the push services; called after it was committed. */
    public void ring(Approval request, Instant now) {
        phones.of(request.account()).stream()
                .filter(Phone::notified)
                .forEach(phone -> start(new Ring(request.id(), phone, now), now));
    }

    /** What a push service had no time for. */
    void ringAgain(Instant now) {
        for (int left = again.size(); left > 0; left--) {
            Ring ring = again.poll();
            if (ring == null) {
                return;
            }
            if (ring.notBefore().isAfter(now)) {
                again.add(ring);
            } else {
                start(ring, now);
            }
        }
    }

    private void start(Ring ring, Instant now) {
        Thread.ofVirtual().name("doorbell").start(() -> ring(ring, now));
    }

    private void ring(Ring ring, Instant now) {
        Optional<Approval> open =
                approvals.find(ring.request()).filter(request -> request.stateAt(now) == Approval.State.OPEN);
        Optional<Subscription> to = phones.subscription(ring.phone());
        if (open.isEmpty() || to.isEmpty()) {
            return;
        }
        Approval request = open.get();
        Duration left = Duration.between(now, request.expiresAt());
        byte[] message = ("{\"request\":\"" + request.id() + "\"}").getBytes(StandardCharsets.UTF_8);
        Optional<String> topic = Optional.of(topic(request.id()));
        switch (sender.send(to.get(), message, left, Urgency.HIGH, topic, now)) {
            case Sent.Accepted() -> {}
            case Sent.Gone() -> phones.noteRingFailed(ring.phone(), now);
            case Sent.Later(Duration pause) -> later(ring, now.plus(pause), request);
            case Sent.Refused(String why) -> refused(ring.phone().id(), why);
        }
    }

    private void later(Ring ring, Instant at, Approval request) {
        if (at.isBefore(request.expiresAt()) && again.size() < MOST_WAITING) {
            again.add(new Ring(ring.request(), ring.phone(), at));
        }
    }

    private static void refused(PhoneId phone, String why) {
        LOG.warn("phone {} is not rung: {}", phone, why);
    }

    private static String topic(ApprovalId request) {
        String id = request.value();
        return id.length() > 32 ? id.substring(0, 32) : id;
    }
}
