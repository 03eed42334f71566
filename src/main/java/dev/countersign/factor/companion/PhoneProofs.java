package dev.countersign.factor.companion;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.store.Database;
import dev.countersign.vault.PhoneKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Looks at what phones sign: companion protocol section 1. Thread-safe. */
@Component
public final class PhoneProofs {
    /** How far a phone's clock may be off. */
    public static final Duration TOLERANCE = Duration.ofSeconds(120);

    private static final String PROOF = "phone-proof+jwt";
    private static final String DECISION = "phone-decision+jwt";
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Database database;
    private final Phones phones;
    private final PhoneStore store;

    PhoneProofs(Database database, Phones phones, PhoneStore store) {
        this.database = database;
        this.phones = phones;
        this.store = store;
    }

    /**
     * A request as it arrived.
     *
     * @param url origin and path, without query
     */
    public record Call(String method, String url, byte[] body) {}

    /** What a proof is worth. */
    public sealed interface Verdict {
        record Right(Phone phone) implements Verdict {}

        /** The phone's clock is off: it has to ask again with the server's time. */
        record WrongClock() implements Verdict {}

        record Wrong() implements Verdict {}
    }

    private record Claims(String htm, String htu, long iat, String jti, String bod) {}

    private record DecisionClaims(
            String request,
            String phone,
            String account,
            String origin,
            String decision,
            @Nullable String answer,
            String shown,
            long iat) {}

    /**
     * What a phone signed about a request.
     *
     * @param answer the digits that were typed; empty when none were
     * @param shown digest of what the phone showed
     */
    public record Decision(
            String request, String phone, String account, String origin, Choice choice, String answer, String shown) {}

    /** What the person chose. */
    public enum Choice {
        APPROVE,
        REFUSE,
        REPORT
    }

    /** The paired phone behind a call. A call that changes something counts once. */
    public Verdict check(EnvironmentId environment, String proof, Call call, Instant now) {
        Optional<PhoneKey.Claimed> claimed = PhoneKey.parse(proof);
        Optional<Phone> phone = claimed.flatMap(text -> phones.find(environment, text.kid()));
        if (claimed.isEmpty() || phone.isEmpty()) {
            return new Verdict.Wrong();
        }
        Optional<Claims> claims = read(claimed.get().payload(), Claims.class);
        return switch (look(claimed.get(), claims, phone.get().key(), call, now)) {
            case RIGHT ->
                call.method().equals("GET") || isFirst(claimed.get().kid(), claims.orElseThrow())
                        ? new Verdict.Right(phone.get())
                        : new Verdict.Wrong();
            case CLOCK -> new Verdict.WrongClock();
            case WRONG -> new Verdict.Wrong();
        };
    }

    /** What a proof with a key that is not known yet is worth. */
    public enum Look {
        RIGHT,
        CLOCK,
        WRONG
    }

    /**
     * Whether whoever calls has the private half of {@code key}, which anybody can make: nothing is written, so that nobody
     * fills the database with proofs. What such a call changes must count once by itself.
     */
    public Look look(String proof, PhoneKey key, Call call, Instant now) {
        return PhoneKey.parse(proof)
                .map(claimed -> look(claimed, read(claimed.payload(), Claims.class), key, call, now))
                .orElse(Look.WRONG);
    }

    private static Look look(PhoneKey.Claimed claimed, Optional<Claims> read, PhoneKey key, Call call, Instant now) {
        if (!PROOF.equals(claimed.type())
                || !key.thumbprint().equals(claimed.kid())
                || read.isEmpty()
                || !key.signed(claimed)) {
            return Look.WRONG;
        }
        Claims claims = read.get();
        boolean meant = call.method().equals(claims.htm())
                && call.url().equals(claims.htu())
                && PhoneKey.digest(call.body()).equals(claims.bod());
        if (!meant) {
            return Look.WRONG;
        }
        Instant at = Instant.ofEpochSecond(Math.clamp(claims.iat(), 0, 99_999_999_999L));
        if (Duration.between(at, now).abs().compareTo(TOLERANCE) > 0) {
            return Look.CLOCK;
        }
        return Look.RIGHT;
    }

    /** Reading may be repeated; whatever changes something may not. */
    private boolean isFirst(String kid, Claims claims) {
        String hash = PhoneKey.digest((kid + "\n" + claims.jti()).getBytes(StandardCharsets.UTF_8));
        Instant at = Instant.ofEpochSecond(claims.iat());
        return database.write(() ->
                store.consumeProof(hash, at.minus(TOLERANCE), at.plus(TOLERANCE).plus(TOLERANCE)));
    }

    /** The decision this phone signed; absent when it did not, or it cannot be read. */
    public Optional<Decision> decision(Phone phone, String text) {
        return PhoneKey.parse(text)
                .filter(claimed -> DECISION.equals(claimed.type()))
                .filter(claimed -> phone.key().thumbprint().equals(claimed.kid()))
                .filter(phone.key()::signed)
                .flatMap(claimed -> read(claimed.payload(), DecisionClaims.class))
                .flatMap(PhoneProofs::decision);
    }

    private static Optional<Decision> decision(DecisionClaims claims) {
        Optional<Choice> choice = switch (claims.decision()) {
            case "approve" -> Optional.of(Choice.APPROVE);
            case "refuse" -> Optional.of(Choice.REFUSE);
            case "report" -> Optional.of(Choice.REPORT);
            default -> Optional.empty();
        };
        String answer = claims.answer();
        return choice.map(chosen -> new Decision(
                claims.request(),
                claims.phone(),
                claims.account(),
                claims.origin(),
                chosen,
                answer == null ? "" : answer,
                claims.shown()));
    }

    private static <T> Optional<T> read(String json, Class<T> type) {
        try {
            T read = JSON.readValue(json, type);
            return Optional.ofNullable(read).filter(PhoneProofs::isWhole);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /** Whether nothing that must be there is missing. */
    private static boolean isWhole(Object claims) {
        return switch (claims) {
            case Claims(String htm, String htu, long _, String jti, String bod) -> allThere(htm, htu, jti, bod);
            case DecisionClaims d -> allThere(d.request(), d.phone(), d.account(), d.origin(), d.decision(), d.shown());
            default -> false;
        };
    }

    private static boolean allThere(@Nullable String... texts) {
        for (String text : texts) {
            if (text == null) {
                return false;
            }
        }
        return true;
    }
}
