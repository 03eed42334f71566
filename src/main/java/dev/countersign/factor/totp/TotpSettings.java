package dev.countersign.factor.totp;

/**
 * How far a phone's clock may be off.
 *
 * @param window steps before and after the expected one that are accepted at a sign-in
 * @param enrolmentWindow steps before and after now that are accepted while an app is registered; how far it was off then
 *     is remembered
 */
public record TotpSettings(int window, int enrolmentWindow) {
    public static final TotpSettings DEFAULT = new TotpSettings(1, 5);

    public TotpSettings {
        if (window < 0 || window > 3 || enrolmentWindow < window || enrolmentWindow > 10) {
            throw new IllegalArgumentException("the window is 0 to 3 steps, while enrolling at most 10");
        }
    }
}
