package dev.countersign.cli;

import dev.countersign.support.TestClock;
import dev.countersign.support.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a command that was typed said. */
record Typed(int code, String out, String err) {
    static synchronized Typed type(TestClock clock, String... words) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream typedOut = new ByteArrayOutputStream();
        ByteArrayOutputStream typedErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(typedOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(typedErr, true, StandardCharsets.UTF_8));
            int code = Program.run(TestServer.parts(clock), words);
            return new Typed(
                    code, typedOut.toString(StandardCharsets.UTF_8), typedErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    static Typed on(Path data, TestClock clock, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--data", data.toString()));
        return type(clock, all.toArray(String[]::new));
    }
}
