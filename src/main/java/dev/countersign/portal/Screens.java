package dev.countersign.portal;

import dev.countersign.directory.SignInStyle;
import dev.countersign.kernel.FactorKind;
import dev.countersign.signin.SignIn;
import java.util.Set;

/** Which page shows a state of a sign-in. */
final class Screens {
    static final String START = "/sign-in";
    static final String PASSWORD = "/sign-in/password";
    static final String CODE = "/sign-in/code";
    static final String APPROVAL = "/sign-in/approval";
    static final String RECOVERY = "/sign-in/recovery";
    static final String REPLACEMENT = "/sign-in/replacement";
    static final String ENROL = "/sign-in/enrol";
    static final String ENROL_PHONE = "/sign-in/enrol/phone";
    static final String RECOVERY_CODE = "/sign-in/recovery-code";
    static final String NEW_PASSWORD = "/sign-in/new-password";

    private Screens() {}

    /** Whether a phone can answer in place of what is typed. */
    static boolean asksPhones(SignIn state) {
        return state instanceof SignIn.Asked asked && asked.offer().contains(FactorKind.PUSH);
    }

    static String of(SignIn state, SignInStyle style) {
        return switch (state) {
            case SignIn.Started _, SignIn.Complete _, SignIn.Refused _ -> START;
            case SignIn.Asked asked -> asking(asked, asked.offer(), style);
            case SignIn.Challenged challenged -> asking(challenged, challenged.offer(), style);
            case SignIn.MustEnrol must ->
                switch (must.kind()) {
                    case TOTP -> ENROL;
                    case PUSH -> ENROL_PHONE;
                    case RECOVERY -> RECOVERY_CODE;
                    case PASSWORD -> NEW_PASSWORD;
                    case REPLACEMENT -> START;
                };
        };
    }

    /** A signed-in person is named already, and so is whoever follows an invitation, so only the password is asked, whatever the style. */
    private static String asking(SignIn state, Set<FactorKind> offer, SignInStyle style) {
        if (offer.contains(FactorKind.REPLACEMENT)) {
            return REPLACEMENT;
        }
        if (offer.contains(FactorKind.PUSH)) {
            return APPROVAL;
        }
        if (!offer.contains(FactorKind.PASSWORD)) {
            return CODE;
        }
        boolean named = style == SignInStyle.IDENTIFIER_FIRST
                || state.heading().replaces().isPresent()
                || state.heading().target().wish().isPresent();
        return named ? PASSWORD : START;
    }
}
