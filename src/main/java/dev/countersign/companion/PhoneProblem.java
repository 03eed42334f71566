package dev.countersign.companion;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A refusal that tells the phone a figure with which it can go on. */
final class PhoneProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable Integer left;
    private final @Nullable Long serverTime;

    private PhoneProblem(int status, String type, String detail, @Nullable Integer left, @Nullable Long serverTime) {
        super(detail, null, false, false);
        this.status = status;
        this.type = type;
        this.left = left;
        this.serverTime = serverTime;
    }

    static PhoneProblem wrongNumber(int left) {
        return new PhoneProblem(422, "wrong-number", "Type the digits the browser shows.", left, null);
    }

    static PhoneProblem clock(Instant now) {
        return new PhoneProblem(
                401,
                "phone-clock",
                "The phone's clock is off. Sign again with serverTime.",
                null,
                now.getEpochSecond());
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    @Nullable Integer left() {
        return left;
    }

    @Nullable Long serverTime() {
        return serverTime;
    }
}
