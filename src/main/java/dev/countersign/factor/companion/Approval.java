package dev.countersign.factor.companion;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.SignInId;
import dev.countersign.store.Times;
import dev.countersign.vault.PhoneKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A request to the phones of a person: is this sign-in yours?
 *
 * @param digits what the browser shows and the phone must be told; empty for {@link Confirmation#TAP}. Never sent to a phone
 * @param wrong how often other digits were typed
 * @param changedAt when it was made or decided
 * @param phone which phone decided, if one did
 */
public record Approval(
        ApprovalId id,
        EnvironmentId environment,
        AccountId account,
        SignInId signIn,
        State state,
        Confirmation confirmation,
        String digits,
        int wrong,
        Circumstances circumstances,
        Instant createdAt,
        Instant expiresAt,
        Instant changedAt,
        Optional<PhoneId> phone) {
    /** How long a phone has to answer. */
    public static final Duration LIFE = Duration.ofSeconds(60);

    /** How long a browser has to go on after the phone has answered. */
    public static final Duration GOES_ON = Duration.ofMinutes(2);

    /** Wrong digits after which the request is dead. */
    public static final int MOST_WRONG = 3;

    /** Where a request stands. Only {@link #OPEN} ever changes, but for {@link #APPROVED} being used. */
    public enum State {
        OPEN,
        APPROVED,
        /** Approved, and the browser has gone on with it. */
        USED,
        REFUSED,
        /** Refused, and the owner says that somebody else signed in. */
        REPORTED,
        /** Nobody answered in time, or with the wrong digits. */
        EXPIRED,
        /** The sign-in went another way: by a code, or it was given up. */
        WITHDRAWN;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What the person is shown to decide by. Texts of the browser are what it says of itself: printable, short, no evidence.
     *
     * @param network who runs the network the address is in, if known
     * @param place city and country of the address, if known
     */
    public record Circumstances(
            String application,
            String browser,
            String system,
            String address,
            Optional<String> network,
            Optional<String> place) {}

    /** Where it stands now: an open request whose time is over, or lies in the future, has expired, whatever the row says. */
    public State stateAt(Instant now) {
        boolean inTime = now.isBefore(expiresAt) && !createdAt.isAfter(now.plus(Times.AHEAD));
        return state == State.OPEN && !inTime ? State.EXPIRED : state;
    }

    /** SHA-256, in base64url, of everything the phone shows of it: companion protocol section 3.2. */
    public String shown() {
        String text = String.join(
                        "\n",
                        "countersign-request-v1",
                        id.value(),
                        account.value(),
                        circumstances.application(),
                        circumstances.browser(),
                        circumstances.system(),
                        circumstances.address(),
                        circumstances.network().orElse(""),
                        circumstances.place().orElse(""),
                        Long.toString(createdAt.getEpochSecond()),
                        Long.toString(expiresAt.getEpochSecond()),
                        confirmation.wireName())
                + "\n";
        return PhoneKey.digest(text.getBytes(StandardCharsets.UTF_8));
    }
}
