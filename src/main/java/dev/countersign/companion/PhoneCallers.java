package dev.countersign.companion;

import dev.countersign.directory.Accounts;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.PhoneProofs;
import dev.countersign.factor.companion.Phones;
import dev.countersign.vault.PhoneKey;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Which phone calls: the Authorization header of the companion protocol, section 1.1. */
@Component
final class PhoneCallers {
    private static final String SCHEME = "Phone ";
    private static final int LARGEST_BODY = 16 * 1024;

    private final PhoneProofs proofs;
    private final Phones phones;
    private final Accounts accounts;
    private final JsonMapper json;
    private final Clock clock;

    PhoneCallers(PhoneProofs proofs, Phones phones, Accounts accounts, JsonMapper json, Clock clock) {
        this.proofs = proofs;
        this.phones = phones;
        this.accounts = accounts;
        this.json = json;
        this.clock = clock;
    }

    /** The paired phone that signed this request. */
    Phone require(HttpServletRequest request, byte[] body) {
        Instant now = clock.instant();
        RequestFacts facts = RequestFacts.of(request);
        PhoneProofs.Verdict verdict = proofs.check(facts.environment().id(), proof(request), call(request, body), now);
        return switch (verdict) {
            case PhoneProofs.Verdict.Right(Phone phone) -> {
                if (accounts.get(phone.account()).isDisabled()) {
                    throw Refusal.of(ProblemType.FORBIDDEN, "This account is disabled. Ask an administrator.");
                }
                phones.noteSeen(phone, now);
                yield phone;
            }
            case PhoneProofs.Verdict.WrongClock() -> throw PhoneProblem.clock(now);
            case PhoneProofs.Verdict.Wrong() -> throw wrong();
        };
    }

    /** Demands that something is signed at all, before anything is looked at. */
    static void requireSigned(HttpServletRequest request) {
        if (PhoneKey.parse(proof(request)).isEmpty()) {
            throw wrong();
        }
    }

    /** Demands that whoever calls has this key, which need not be paired. */
    void requireKey(HttpServletRequest request, PhoneKey key, byte[] body) {
        Instant now = clock.instant();
        switch (proofs.look(proof(request), key, call(request, body), now)) {
            case RIGHT -> {}
            case CLOCK -> throw PhoneProblem.clock(now);
            case WRONG -> throw wrong();
        }
    }

    private static Refusal wrong() {
        return Refusal.of(
                ProblemType.PHONE_PROOF,
                "Sign the request with the key of a phone that is paired: 'Authorization: Phone'.");
    }

    private static String proof(HttpServletRequest request) {
        List<String> headers = Collections.list(request.getHeaders("Authorization"));
        return headers.size() == 1 && headers.getFirst().startsWith(SCHEME)
                ? headers.getFirst().substring(SCHEME.length()).strip()
                : "";
    }

    private static PhoneProofs.Call call(HttpServletRequest request, byte[] body) {
        return new PhoneProofs.Call(
                request.getMethod(), RequestFacts.of(request).base() + request.getRequestURI(), body);
    }

    /** The body, none as no bytes; what is too large is refused. */
    static byte[] bounded(byte @Nullable [] body) {
        if (body != null && body.length > LARGEST_BODY) {
            throw Refusal.of(ProblemType.TOO_LARGE, "A body has at most 16 KiB.");
        }
        return body == null ? new byte[0] : body;
    }

    /** The body as this record. */
    <T> T read(byte[] body, Class<T> type) {
        try {
            return Optional.ofNullable(json.readValue(body, type))
                    .orElseThrow(() -> Refusal.of(ProblemType.INVALID_JSON, "Send a JSON object."));
        } catch (JacksonException e) {
            throw Refusal.of(ProblemType.INVALID_JSON, "The body is not the JSON of docs/companion-protocol.md.");
        }
    }

    /** A phone's name, printable and not too long. */
    static String name(@Nullable String typed) {
        String name = typed == null
                ? ""
                : typed.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "").strip();
        if (name.isEmpty() || name.codePointCount(0, name.length()) > Phones.LONGEST_NAME) {
            throw Refusal.of(
                    ProblemType.INVALID_VALUE, "name", "A name has 1 to " + Phones.LONGEST_NAME + " characters.");
        }
        return name;
    }
}
