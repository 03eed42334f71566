package dev.countersign.moving;

/** How many lines of a file came to what. */
public record Counts(long created, long changed, long unchanged, long refused) {
    static final Counts NONE = new Counts(0, 0, 0, 0);

    public long all() {
        return created + changed + unchanged + refused;
    }

    Counts with(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Created _ -> new Counts(created + 1, changed, unchanged, refused);
            case Verdict.Changed _ -> new Counts(created, changed + 1, unchanged, refused);
            case Verdict.Unchanged _ -> new Counts(created, changed, unchanged + 1, refused);
            case Verdict.Refused _ -> new Counts(created, changed, unchanged, refused + 1);
        };
    }
}
