package dev.countersign.durability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.configuration.SettingKey;
import dev.countersign.support.Dice;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/**
 * Random sequences of what people and administrators do, against a real server and against {@link Model}: both must say the
 * same, each time. {@code bin/test --long} makes 100,000 steps on each database ({@code -Dcountersign.steps=N} another number);
 * {@code -Dcountersign.test.seed=N} repeats a run. What differs is shrunk to the few steps it takes.
 */
class ModelTest {
    private static final boolean LONG = Boolean.getBoolean("countersign.long");
    private static final int SEQUENCE = 250;
    private static final int PEOPLE = 3;
    private static final int MOST_SHRINKING = 200;

    private static int steps(int inShort) {
        return Integer.getInteger("countersign.steps", LONG ? 100_000 : inShort);
    }

    private static Map<SettingKey, String> settings(Map<SettingKey, String> more) {
        Map<SettingKey, String> settings = new EnumMap<>(SettingKey.class);
        settings.put(SettingKey.REQUESTS_PER_MINUTE, "1000000");
        settings.putAll(more);
        return settings;
    }

    @Test
    void ac_223_the_embedded_database_and_the_model_say_the_same() {
        try (Played played = new Played(TestServer.start(settings(Map.of())))) {
            follow(played, steps(600));
        }
    }

    @Test
    void ac_223_postgresql_and_the_model_say_the_same() {
        Map<SettingKey, String> postgresql = Map.of(
                SettingKey.DATABASE_URL,
                TestInstallation.newPostgresqlDatabase(),
                SettingKey.DATABASE_USER,
                "postgres");
        try (Played played = new Played(TestServer.start(settings(postgresql)))) {
            follow(played, steps(400));
        }
    }

    @Test
    void a_server_that_did_something_else_would_be_found_and_its_steps_shrunk() {
        try (Played played = new Played(TestServer.start(settings(Map.of())))) {
            Dice same = Dice.of(7);
            IntFunction<Model> wrong = size -> new Model(size, false);
            for (int sequence = 0; sequence < 40; sequence++) {
                List<Move> moves = Move.random(same, 100, PEOPLE, false);
                Optional<Played.Difference> found = played.play(moves, PEOPLE, wrong);
                if (found.isPresent()) {
                    List<Move> few = shrink(played, moves.subList(0, found.get().step() + 1), wrong);
                    assertThat(few).hasSizeLessThan(10).anyMatch(move -> move.kind() == Move.Kind.RESET);
                    return;
                }
            }
        }
        throw new AssertionError("a wrong model went unnoticed");
    }

    private void follow(Played played, int steps) {
        Dice dice = Dice.thrown("ModelTest");
        long start = System.nanoTime();
        for (int done = 0; done < steps; done += SEQUENCE) {
            // A restart takes seconds: one in the first sequence, and then one in ten.
            List<Move> moves = Move.random(dice, SEQUENCE, PEOPLE, done % (10 * SEQUENCE) == 0);
            Optional<Played.Difference> difference = played.play(moves, PEOPLE, Model::new);
            if (difference.isPresent()) {
                List<Move> few =
                        shrink(played, moves.subList(0, difference.get().step() + 1), Model::new);
                throw new AssertionError(
                        difference.get() + ", " + dice + " after " + done + " steps; enough are " + few);
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("ModelTest: %d steps, %.0f a second, %s%n", steps, steps / seconds, played.told());
    }

    /** Leaves out what makes no difference: all that one of the people does, then ever smaller pieces. */
    private static List<Move> shrink(Played played, List<Move> moves, IntFunction<Model> model) {
        List<Move> few = moves;
        int tries = 0;
        for (int person = 0; person < PEOPLE; person++) {
            few = ifStillDifferent(played, without(person, few), model).orElse(few);
        }
        for (int piece = few.size() / 2; piece > 0; piece = piece / 2) {
            int from = 0;
            while (from < few.size() && tries++ < MOST_SHRINKING) {
                List<Move> fewer = new ArrayList<>(few.subList(0, from));
                fewer.addAll(few.subList(Math.min(few.size(), from + piece), few.size()));
                Optional<List<Move>> different = ifStillDifferent(played, fewer, model);
                from = different.isPresent() ? from : from + piece;
                few = different.orElse(few);
            }
        }
        return few.size() < moves.size() ? shrink(played, few, model) : few;
    }

    private static List<Move> without(int person, List<Move> moves) {
        return moves.stream()
                .filter(move -> move.who() != person || move.kind().isOfAll())
                .toList();
    }

    /** The moves up to the first difference, if there is one. */
    private static Optional<List<Move>> ifStillDifferent(Played played, List<Move> moves, IntFunction<Model> model) {
        return played.play(moves, PEOPLE, model).map(difference -> moves.subList(0, difference.step() + 1));
    }
}
