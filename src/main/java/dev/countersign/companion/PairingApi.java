package dev.countersign.companion;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.PairingId;
import dev.countersign.throttle.AddressBlock;
import dev.countersign.throttle.Bucket;
import dev.countersign.throttle.Limit;
import dev.countersign.throttle.Throttle;
import dev.countersign.throttle.Verdict;
import dev.countersign.vault.PhoneKey;
import dev.countersign.web.Access;
import dev.countersign.web.Bodies;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** A phone that wants to be paired: companion protocol section 2. */
@RestController
@RequestMapping("/api/companion/v1/pairings")
final class PairingApi {
    private final PhoneCallers callers;
    private final Pairings pairings;
    private final Phones phones;
    private final Accounts accounts;
    private final Throttle throttle;
    private final Clock clock;

    PairingApi(
            PhoneCallers callers, Pairings pairings, Phones phones, Accounts accounts, Throttle throttle, Clock clock) {
        this.callers = callers;
        this.pairings = pairings;
        this.phones = phones;
        this.accounts = accounts;
        this.throttle = throttle;
        this.clock = clock;
    }

    record Jwk(
            @Nullable String kty,
            @Nullable String crv,
            @Nullable String x,
            @Nullable String y) {}

    record Claim(
            @Nullable String pairing,
            @Nullable String code,
            @Nullable Jwk key,
            @Nullable String name) {}

    record Claimed(String pairing, String environment, String language, long expiresAt) {}

    @PostMapping("/claim")
    @Access(Access.Level.BEARER)
    Claimed claim(@RequestBody(required = false) byte @Nullable [] body, HttpServletRequest request) {
        PhoneCallers.requireSigned(request);
        byte[] bytes = PhoneCallers.bounded(body);
        Claim asked = callers.read(bytes, Claim.class);
        PhoneKey key = key(Bodies.required("key", asked.key()));
        callers.requireKey(request, key, bytes);
        String name = PhoneCallers.name(asked.name());
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Pairing pairing = find(environment.id(), asked, request, now);
        if (!pairings.claim(pairing, new Pairing.Offer(key, name), now)) {
            throw notFound();
        }
        return new Claimed(
                pairing.id().value(),
                environment.displayName(),
                pairing.language(),
                pairing.expiresAt().getEpochSecond());
    }

    private static PhoneKey key(Jwk jwk) {
        return Optional.of(jwk)
                .filter(each -> "EC".equals(each.kty()) && "P-256".equals(each.crv()))
                .flatMap(each -> PhoneKey.of(Bodies.required("key.x", each.x()), Bodies.required("key.y", each.y())))
                .orElseThrow(() -> Refusal.of(
                        ProblemType.INVALID_REQUEST, "key", "The key is a JWK with kty EC, crv P-256, x and y."));
    }

    /** By its id, or by the code that is typed: of those only few are looked at. */
    private Pairing find(EnvironmentId environment, Claim asked, HttpServletRequest request, Instant now) {
        Optional<Pairing> byId = Optional.ofNullable(asked.pairing())
                .flatMap(Identifiers::find)
                .flatMap(id -> pairings.find(environment, new PairingId(id)));
        if (byId.isPresent() || asked.code() == null) {
            return byId.filter(found -> found.isAliveAt(now)).orElseThrow(PairingApi::notFound);
        }
        List<Bucket> budget = AddressBlock.of(RequestFacts.of(request).address())
                .map(block -> new Bucket("pairing:" + block, Limit.ADDRESS))
                .stream()
                .toList();
        if (throttle.reserve(environment, budget, now) instanceof Verdict.Wait(var pause, var _)) {
            throw Refusal.until(ProblemType.TOO_MANY_ATTEMPTS, pause, "Too many codes were tried from here.");
        }
        Pairing found = pairings.findByCode(environment, asked.code())
                .filter(pairing -> pairing.isAliveAt(now))
                .orElseThrow(PairingApi::notFound);
        // Who has the right code has not guessed it.
        throttle.releaseAlone(budget, now);
        return found;
    }

    private static Refusal notFound() {
        return Refusal.of(
                ProblemType.PAIRING_NOT_FOUND,
                "This code is used, over, or was never given. Get a new one in the browser: My account, add a phone.");
    }

    record PhoneView(String id, String name) {}

    record CodesView(String secret, int digits, long period) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PairingView(
            String state,
            @Nullable PhoneView phone,
            CompanionApi.@Nullable PersonView account,
            @Nullable String environment,
            @Nullable String origin,
            @Nullable CodesView codes) {}

    @GetMapping("/{id}")
    @Access(Access.Level.BEARER)
    PairingView look(@PathVariable String id, HttpServletRequest request) {
        PhoneCallers.requireSigned(request);
        Environment environment = RequestFacts.of(request).environment();
        Instant now = clock.instant();
        Pairing pairing = Identifiers.find(id)
                .flatMap(valid -> pairings.find(environment.id(), new PairingId(valid)))
                .filter(found -> found.offer().isPresent())
                .orElseThrow(PairingApi::notFound);
        callers.requireKey(request, pairing.offer().orElseThrow().key(), new byte[0]);
        Optional<Phone> phone =
                phones.find(environment.id(), pairing.offer().get().key().thumbprint());
        // Refused, over, or of a phone that was removed: there is no such pairing, and why is nobody's business.
        return switch (pairing.state()) {
            case CONFIRMED -> confirmed(environment, pairing, phone.orElseThrow(PairingApi::notFound));
            case CLAIMED -> {
                if (!pairing.isAliveAt(now)) {
                    throw notFound();
                }
                yield new PairingView(pairing.state().wireName(), null, null, null, null, null);
            }
            case OFFERED, REFUSED -> throw notFound();
        };
    }

    private PairingView confirmed(Environment environment, Pairing pairing, Phone phone) {
        Optional<CodesView> codes = phones.codesOnce(phone)
                .map(secret -> new CodesView(
                        Base64.getUrlEncoder().withoutPadding().encodeToString(secret.reveal()),
                        Totp.DEFAULT.digits(),
                        Totp.DEFAULT.period().toSeconds()));
        return new PairingView(
                pairing.state().wireName(),
                new PhoneView(phone.id().value(), phone.name()),
                CompanionApi.PersonView.of(accounts.get(phone.account())),
                environment.displayName(),
                phone.origin(),
                codes.orElse(null));
    }
}
