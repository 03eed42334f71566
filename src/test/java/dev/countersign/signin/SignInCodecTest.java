package dev.countersign.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.factor.Challenge;
import dev.countersign.factor.Subject;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Proof;
import dev.countersign.kernel.Proofs;
import dev.countersign.kernel.SessionId;
import dev.countersign.kernel.SignInId;
import dev.countersign.kernel.Target;
import dev.countersign.policy.Why;
import dev.countersign.support.Dice;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is stored of a sign-in is all there is of it. */
class SignInCodecTest {
    private static final int ROUNDS = 3_000;
    private static final AccountId BEA = new AccountId("bea");

    private final Dice dice = Dice.thrown("SignInCodecTest");

    @Test
    void every_storable_state_reads_back_equal() {
        for (int round = 0; round < ROUNDS; round++) {
            SignIn state = switch (dice.below(3)) {
                case 0 -> new SignIn.Started(heading());
                case 1 -> asked();
                default -> new SignIn.MustEnrol(heading(), BEA, proofs(), dice.oneOf(FactorKind.values()), why());
            };
            assertThat(SignInCodec.read(SignInCodec.write(state)))
                    .as("%s", dice)
                    .isEqualTo(state);
        }
    }

    @Test
    void a_challenge_and_the_ends_are_never_stored() {
        SignIn.Heading heading = heading();
        Subject subject = new Subject.Known(BEA);
        Set<FactorKind> offer = Set.of(FactorKind.TOTP);
        for (SignIn state : List.of(
                new SignIn.Challenged(
                        heading, subject, proofs(), offer, why(), new Challenge(FactorKind.TOTP, subject)),
                new SignIn.Complete(heading, BEA, proofs(), Why.of(Why.Rule.OFF)),
                new SignIn.Refused(heading, SignIn.Refusal.DENIED))) {
            assertThatThrownBy(() -> SignInCodec.write(state))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(state.getClass().getSimpleName());
        }
    }

    private SignIn asked() {
        Set<FactorKind> offer = dice.someOf(FactorKind.class);
        return dice.oneIn(3)
                ? new SignIn.Asked(heading(), new Subject.Decoy("decoy-" + dice.below(99)), Proofs.NONE, offer, why())
                : new SignIn.Asked(heading(), new Subject.Known(BEA), proofs(), offer, why());
    }

    private SignIn.Heading heading() {
        return new SignIn.Heading(
                new SignInId("sign-in-" + dice.below(1000)),
                new EnvironmentId("northwind"),
                new Target(
                        dice.oneOf(Target.Place.values()),
                        dice.oneOf("/account", "/console/people?search=%C3%A4&page=2"),
                        dice.maybe(2, () -> dice.oneOf(Target.Wish.values()))),
                dice.oneOf("", "bea", "Zoë Müller", "a\"b\\c\n<script>", "漢字\uD83D\uDE00"),
                dice.maybe(2, () -> new SessionId("session-" + dice.below(9))),
                Instant.ofEpochMilli(1_700_000_000_000L + dice.below(1_000_000_000)));
    }

    private Proofs proofs() {
        Proofs proofs = Proofs.NONE;
        for (FactorKind kind : dice.someOf(FactorKind.class)) {
            Instant at = Instant.ofEpochMilli(1_700_000_000_000L + dice.below(1_000));
            proofs = proofs.with(new Proof(kind, BEA, dice.oneOf(Proof.Means.values()), at));
        }
        return proofs;
    }

    private Why why() {
        return new Why(dice.oneOf(Why.Rule.values()), dice.maybe(2, () -> "2026-03-02T08:00:00Z"));
    }
}
