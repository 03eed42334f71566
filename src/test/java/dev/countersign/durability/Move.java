package dev.countersign.durability;

import dev.countersign.support.Dice;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of a random sequence.
 *
 * @param who the number of a person
 * @param extra which session, how many seconds, and so on
 */
record Move(Kind kind, int who, int extra) {
    private static final int[] PAUSES = {1, 5, 30, 31, 61, 130, 660, 1_800, 3_700, 90_000};

    /** What is done, and how often among a hundred steps. */
    enum Kind {
        SIGN_IN(20),
        SIGN_IN_WITH_WRONG_CODE(5),
        SIGN_IN_WITH_USED_CODE(6),
        WRONG_PASSWORD(3),
        BEGIN(7),
        FINISH(8),
        PRESENT(17),
        PRESENT_UNFINISHED(4),
        SIGN_OUT(3),
        RESET(3),
        END_SESSIONS(2),
        DISABLE(2),
        ENABLE(4),
        UNLOCK(2),
        DELETE(1),
        CREATE(4),
        CHANGE_MODE(3),
        WAIT(12),
        RESTART(0);

        private final int share;

        Kind(int share) {
            this.share = share;
        }

        /** Whoever it names, it happens to everybody. */
        boolean isOfAll() {
            return this == CHANGE_MODE || this == WAIT || this == RESTART;
        }
    }

    static List<Move> random(Dice dice, int count, int people, boolean restart) {
        List<Kind> kinds = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            for (int i = 0; i < kind.share; i++) {
                kinds.add(kind);
            }
        }
        List<Move> moves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Kind kind = restart && i == count / 2 ? Kind.RESTART : dice.oneOf(kinds);
            int extra = kind == Kind.WAIT ? PAUSES[dice.below(PAUSES.length)] : dice.below(1_000);
            moves.add(new Move(kind, dice.below(people), extra));
        }
        return moves;
    }

    /** Wrong codes come in rows. */
    int times() {
        return kind == Kind.SIGN_IN_WITH_WRONG_CODE ? 1 + extra % 7 : 1;
    }

    @Override
    public String toString() {
        return kind + "(" + who + ", " + extra + ")";
    }
}
