package dev.countersign.push;

import dev.countersign.configuration.Settings;
import dev.countersign.store.Database;
import dev.countersign.store.InstallationSecrets;
import dev.countersign.vault.Place;
import dev.countersign.vault.SigningKey;
import dev.countersign.vault.Vault;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/**
 * The key that names this installation to push services, RFC 8292 (VAPID). Browsers bind their subscriptions to it, so that
 * there is one for all nodes and all time, made at the first start. Thread-safe.
 */
@Component
public final class PushKeys implements ApplicationListener<ApplicationReadyEvent> {
    private static final String NAME = "push";
    private static final Place PLACE = new Place("installation_secret", "sealed", NAME);
    private static final Duration VALID = Duration.ofHours(12);
    private static final Duration RENEWED_BEFORE_END = Duration.ofHours(1);
    private static final int MOST_ORIGINS = 64;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String HEADER = encoded("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");

    private final InstallationSecrets secrets;
    private final Vault vault;
    private final Clock clock;
    private final Optional<URI> contact;
    private final AtomicReference<@Nullable SigningKey> known = new AtomicReference<>();
    private final Map<URI, Ticket> tickets = new LinkedHashMap<>();

    PushKeys(Database database, Vault vault, Clock clock, Settings settings) {
        this.secrets = new InstallationSecrets(database);
        this.vault = vault;
        this.clock = clock;
        this.contact =
                settings.push().contact().or(() -> settings.baseUrl().filter(url -> "https".equals(url.getScheme())));
    }

    /** What was said to one push service, and for how long it counts. */
    private record Ticket(String authorization, Instant from, Instant until) {
        boolean isGood(Instant now) {
            return !now.isBefore(from) && now.isBefore(until.minus(RENEWED_BEFORE_END));
        }
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent started) {
        key();
    }

    /** The {@code applicationServerKey} of {@code pushManager.subscribe}: a point of P-256, base64url. */
    public String publicKey() {
        return BASE64.encodeToString(key().publicPoint());
    }

    /** The Authorization header for a push service, RFC 8292 section 3. */
    String authorization(URI origin, Instant now) {
        synchronized (tickets) {
            Ticket kept = tickets.get(origin);
            if (kept != null && kept.isGood(now)) {
                return kept.authorization();
            }
            // Origins are what browsers say they are: old ones make room.
            if (tickets.size() >= MOST_ORIGINS) {
                tickets.remove(tickets.keySet().iterator().next());
            }
            Ticket fresh = ticket(origin, now);
            tickets.put(origin, fresh);
            return fresh.authorization();
        }
    }

    /** A JWT; both addresses were parsed as such, so that nothing in them ends a JSON text. */
    private Ticket ticket(URI origin, Instant now) {
        Instant until = now.plus(VALID);
        String claims = "{\"aud\":\"" + origin.toASCIIString() + "\",\"exp\":" + until.getEpochSecond()
                + contact.map(address -> ",\"sub\":\"" + address.toASCIIString() + "\"")
                        .orElse("")
                + "}";
        String signed = HEADER + '.' + encoded(claims);
        byte[] signature = key().sign(signed.getBytes(StandardCharsets.US_ASCII));
        String token = signed + '.' + BASE64.encodeToString(signature);
        return new Ticket("vapid t=" + token + ", k=" + publicKey(), now, until);
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private SigningKey key() {
        SigningKey cached = known.get();
        if (cached != null) {
            return cached;
        }
        byte[] sealed = secrets.find(NAME).orElseGet(this::make);
        try {
            SigningKey opened = SigningKey.of(vault.open(sealed, PLACE));
            known.set(opened);
            return opened;
        } catch (Vault.NotOurs e) {
            throw new IllegalStateException("the key for push services cannot be opened", e);
        }
    }

    /** Of several nodes that start together the first wins, and all use its key. */
    private byte[] make() {
        return secrets.keepFirst(NAME, vault.seal(SigningKey.create().secret(), PLACE), clock.instant());
    }
}
