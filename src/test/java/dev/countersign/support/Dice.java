package dev.countersign.support;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Chance for property tests: the same seed gives the same run. Each run has another seed, which {@link #toString} names in the
 * failure; {@code -Dcountersign.test.seed=N} repeats it.
 */
public final class Dice {
    private final long seed;
    private final Random random;

    private Dice(long seed) {
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** New dice, whose seed is printed. */
    public static Dice thrown(String test) {
        long seed = Long.getLong("countersign.test.seed", System.nanoTime());
        System.out.println(test + ": seed " + seed);
        return new Dice(seed);
    }

    /** Dice that fall the same way in each run. */
    public static Dice of(long seed) {
        return new Dice(seed);
    }

    public boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    /** From 0 to {@code bound - 1}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    public <T> T oneOf(Collection<T> choices) {
        return List.copyOf(choices).get(random.nextInt(choices.size()));
    }

    @SafeVarargs
    public final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Each constant with even odds. */
    public <E extends Enum<E>> Set<E> someOf(Class<E> type) {
        EnumSet<E> some = EnumSet.allOf(type);
        some.removeIf(_ -> random.nextBoolean());
        return some;
    }

    /** The value once in {@code count} throws. */
    public <T> Optional<T> maybe(int count, Supplier<T> value) {
        return oneIn(count) ? Optional.of(value.get()) : Optional.empty();
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }
}
