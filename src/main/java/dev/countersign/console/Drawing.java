package dev.countersign.console;

import dev.countersign.figures.Day;
import java.util.ArrayList;
import java.util.List;

/**
 * Figures as shapes on a surface of {@link #WIDTH} by {@link #HEIGHT}.
 *
 * @param bars sign-ins and refusals of each day, one above the other
 * @param adoption the points of the line of people with a second factor, for SVG's {@code points}
 * @param area the same, closed along the bottom
 * @param most the largest number of a day, at least 1
 * @param percentNow of the people, those who have a second factor today
 */
record Drawing(List<Bar> bars, String adoption, String area, long most, long percentNow) {
    static final int WIDTH = 600;
    static final int HEIGHT = 120;

    /** One day: where the bar of sign-ins and the bar of refusals above it stand, in the units of the surface. */
    record Bar(Day day, double x, double width, double signedInY, double signedIn, double refusedY, double refused) {}

    static Drawing of(List<Day> days) {
        long most = Math.max(
                1,
                days.stream()
                        .mapToLong(day -> day.signedIn() + day.refused())
                        .max()
                        .orElse(1));
        double step = (double) WIDTH / Math.max(1, days.size());
        List<Bar> bars = new ArrayList<>();
        List<String> points = new ArrayList<>();
        for (int i = 0; i < days.size(); i++) {
            Day day = days.get(i);
            double signedIn = (double) HEIGHT * day.signedIn() / most;
            double refused = (double) HEIGHT * day.refused() / most;
            bars.add(new Bar(
                    day,
                    round(i * step + step * 0.15),
                    round(step * 0.7),
                    round(HEIGHT - signedIn),
                    round(signedIn),
                    round(HEIGHT - signedIn - refused),
                    round(refused)));
            points.add(round(i * step + step / 2) + "," + round(HEIGHT - HEIGHT * share(day)));
        }
        String line = String.join(" ", points);
        String area = days.isEmpty()
                ? ""
                : round(step / 2) + "," + HEIGHT + " " + line + " " + round(WIDTH - step / 2) + "," + HEIGHT;
        long percent = days.isEmpty() ? 0 : Math.round(100 * share(days.getLast()));
        return new Drawing(bars, line, area, most, percent);
    }

    private static double share(Day day) {
        return day.people() == 0 ? 0 : Math.min(1, (double) day.enrolled() / day.people());
    }

    private static double round(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
