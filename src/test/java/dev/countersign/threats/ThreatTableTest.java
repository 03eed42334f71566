package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/threat-tests.md says of each attack which tests stage it. The tests say so themselves, by the number in their names:
 * this one writes the table anew when it is no longer true, and fails, so that the change is looked at.
 */
class ThreatTableTest {
    private static final Path TABLE = Path.of("docs", "threat-tests.md");
    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Pattern METHOD = Pattern.compile("void ((?:[a-z0-9_]*_)?(?:ac|inv)_\\d+_[a-z0-9_]*)\\(");
    private static final Pattern NUMBER = Pattern.compile("ac_(\\d{3})(?=_)");
    private static final Pattern ROW = Pattern.compile("\\| AC-(\\d{3}) \\| ([^|]+) \\| ([^|]*) \\|");
    private static final String NONE = "none: ";

    @Test
    void each_attack_of_the_table_has_a_test_or_a_reason_why_not() throws IOException {
        Map<String, TreeSet<String>> tests = tests();
        String before = Files.readString(TABLE);
        List<String> after = before.lines().map(line -> line(line, tests)).toList();
        String text = String.join("\n", after) + "\n";
        if (!text.equals(before)) {
            Files.writeString(TABLE, text);
        }
        List<String> rows =
                after.stream().filter(line -> line.startsWith("| AC-")).toList();
        assertThat(rows).hasSizeGreaterThan(40).allMatch(row -> row.contains("`") || row.contains(NONE));
    }

    private static String line(String line, Map<String, TreeSet<String>> tests) {
        Matcher row = ROW.matcher(line);
        return row.matches() ? row(row, tests) : line;
    }

    private static String row(Matcher row, Map<String, TreeSet<String>> tests) {
        TreeSet<String> found = tests.getOrDefault(row.group(1), new TreeSet<>());
        String cell = found.isEmpty() && row.group(3).startsWith(NONE) ? row.group(3) : String.join(", ", found);
        return "| AC-" + row.group(1) + " | " + row.group(2) + " | " + cell + " |";
    }

    /** {@code `SessionTest`} and how many of its methods have the number in their names. */
    private static Map<String, TreeSet<String>> tests() {
        Map<String, Map<String, Integer>> counted = new TreeMap<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                Matcher method = METHOD.matcher(Files.readString(file));
                while (method.find()) {
                    Matcher number = NUMBER.matcher(method.group(1));
                    while (number.find()) {
                        counted.computeIfAbsent(number.group(1), _ -> new TreeMap<>())
                                .merge(name, 1, Integer::sum);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, TreeSet<String>> tests = new TreeMap<>();
        counted.forEach((number, classes) -> classes.forEach(
                (name, _) -> tests.computeIfAbsent(number, _ -> new TreeSet<>()).add("`" + name + "`")));
        return tests;
    }
}
