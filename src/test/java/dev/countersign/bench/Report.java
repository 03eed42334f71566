package dev.countersign.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The figures of one run: on the screen, and in {@code bench/results} as text and as JSON. */
final class Report {
    private final List<Row> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final String loadAtStart = load();

    /** One figure. {@code ratio} is measured / limit. */
    record Row(
            String work, double measured, String limitIs, double limit, double ratio, String target, String verdict) {}

    void atLeast(String work, double measured, double limit, double ratio, String limitIs) {
        double reached = measured / limit;
        add(new Row(work, measured, limitIs, limit, reached, format(">= %.2f", ratio), verdict(reached >= ratio)));
    }

    void atMost(String work, double measured, double limit, double ratio, String limitIs) {
        double reached = measured / limit;
        add(new Row(work, measured, limitIs, limit, reached, format("<= %.2f", ratio), verdict(reached <= ratio)));
    }

    /** A figure that other programs had too much part in: neither met nor missed. */
    void unjudged(String work, double measured, double limit, String limitIs) {
        add(new Row(work, measured, limitIs, limit, measured / limit, "", "not judged: the machine was busy"));
    }

    /** A figure beside another that no target is set for. */
    void compared(String work, double measured, double limit, String limitIs) {
        add(new Row(work, measured, limitIs, limit, measured / limit, "", ""));
    }

    private static String verdict(boolean met) {
        return met ? "met" : "**missed**";
    }

    private void add(Row row) {
        rows.add(row);
        System.out.println(line(row));
    }

    void note(String note, Object... values) {
        notes.add(format(note, values));
        System.out.println(notes.getLast());
    }

    /**
     * Stores what has been measured so far.
     *
     * @param what in a word
     * @return the file, below the project
     */
    Path write(String what) throws IOException {
        int processors = Runtime.getRuntime().availableProcessors();
        String machine = processors + "-cpu-" + System.getProperty("os.arch");
        String commit = System.getProperty("countersign.commit", "unknown");
        String date = LocalDate.now(ZoneOffset.UTC).toString();
        List<String> remarks = new ArrayList<>(notes);
        remarks.add(format(
                "Load average %s before, %s after; %d processors (%s); Java %s; commit %s.",
                loadAtStart, load(), processors, processor(), Runtime.version(), commit));
        Path results = Files.createDirectories(Path.of("bench/results"));
        String name = date + "-" + machine + "-" + commit + "-" + what;
        Path written = Files.writeString(results.resolve(name + ".md"), markdown(date, remarks));
        JsonMapper json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.writeString(
                results.resolve(name + ".json"),
                json.writeValueAsString(Map.of("date", date, "commit", commit, "rows", rows, "notes", remarks)) + "\n");
        return written;
    }

    private String markdown(String date, List<String> remarks) {
        StringBuilder text = new StringBuilder("# Measured on " + date + "\n\n");
        text.append("| work | measured | limit | ratio | target | |\n|---|---|---|---|---|---|\n");
        rows.forEach(row -> text.append(line(row)).append('\n'));
        text.append('\n');
        remarks.forEach(note -> text.append("- ").append(note).append('\n'));
        return text.toString();
    }

    private static String line(Row row) {
        return format(
                "| %s | %.2f | %.2f (%s) | %.2f | %s | %s |",
                row.work(), row.measured(), row.limit(), row.limitIs(), row.ratio(), row.target(), row.verdict());
    }

    private static String load() {
        try {
            return Files.readString(Path.of("/proc/loadavg")).replaceAll(" \\S+ \\S+\\s*$", "");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceAll("^.*:\\s*", ""))
                .findFirst()
                .orElse("unknown");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
