package dev.countersign.factor.totp;

import java.time.Duration;

/**
 * Why a code was not right, as far as it can be known. Told to the owner of an account when they are signed in or registering,
 * and to the log; never to a stranger.
 */
public sealed interface WrongCode {
    /** It is the code of another time: the phone's clock is off. */
    record ClockOff(Duration fast) implements WrongCode {
        @Override
        public String describe() {
            return (fast.isNegative() ? "slow " : "fast ") + fast.abs().toSeconds();
        }
    }

    /** It was used already, or is older than one that was, or must not be used because it was named before. */
    record AlreadyUsed() implements WrongCode {
        @Override
        public String describe() {
            return "used";
        }
    }

    /** It comes from an app of this account that was replaced, removed or reset. */
    record OlderApp() implements WrongCode {
        @Override
        public String describe() {
            return "older";
        }
    }

    /** In one or two words, for the log: {@code fast 250}, {@code slow 60}, {@code used}, {@code older}. */
    String describe();
}
