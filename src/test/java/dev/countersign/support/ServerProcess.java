package dev.countersign.support;

import dev.countersign.configuration.SettingKey;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * The real program in a process of its own, on the real clock. It believes {@code X-Forwarded-For} from this machine, so
 * that each person can have an address of their own. Closing it ends it as an administrator would.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("Countersign is ready at https?://localhost:(\\d+)");
    private static final Duration LONGEST_START = Duration.ofMinutes(3);

    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final ConcurrentLinkedQueue<String> output = new ConcurrentLinkedQueue<>();

    private ServerProcess(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::read);
    }

    /** Starts the classes under test; answers at once, before the server is ready. */
    public static ServerProcess startClasses(Path data) {
        return start(classes(), data);
    }

    /** The same with settings; {@link SettingKey#DATA} is among them. */
    public static ServerProcess startClasses(Map<SettingKey, String> settings) {
        return start(classes(), variables(settings));
    }

    /** As {@link #startClasses(Path)}, with these variables. */
    public static ServerProcess startClasses(Path data, Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables(data));
        all.putAll(variables);
        return start(classes(), all);
    }

    private static Map<String, String> variables(Path data) {
        return variables(Map.of(SettingKey.DATA, data.toString(), SettingKey.PORT, "0"));
    }

    private static Map<String, String> variables(Map<SettingKey, String> settings) {
        Map<String, String> variables = new HashMap<>();
        settings.forEach((key, value) -> variables.put(key.variable(), value));
        return variables;
    }

    /** What starts the classes under test, without a command. */
    public static List<String> classes() {
        return classes("dev.countersign.Countersign");
    }

    /** The same with passwords that are hashed next to nothing: {@link QuickProgram}. */
    public static List<String> quick() {
        return classes(QuickProgram.class.getName());
    }

    private static List<String> classes(String main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx384m",
                "-Dspring.aot.enabled=true",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main);
    }

    /**
     * As {@link #quick()}, and quick to start: with the cache of loaded classes the launcher makes too. To make it takes half a minute,
     * once in a process of tests.
     */
    public static List<String> trained() {
        return Trained.PROGRAM;
    }

    private static final class Trained {
        private static final String MAIN = QuickProgram.class.getName().replace('.', '/') + ".class";
        static final List<String> PROGRAM = train(TestInstallation.newDirectory());

        /** A cache is of jars only: what was compiled becomes one. */
        private static List<String> train(Path directory) {
            Path jar = directory.resolve("classes.jar");
            Path cache = directory.resolve("classes.aot");
            List<String> jars = new ArrayList<>(List.of(jar.toString()));
            List<String> packing = new ArrayList<>(List.of("--create", "--no-compress", "--file", jar.toString()));
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                if (entry.endsWith(".jar")) {
                    jars.add(entry);
                } else if (Files.exists(Path.of(entry, MAIN))) {
                    packing.addAll(List.of("-C", entry, MAIN));
                } else {
                    packing.addAll(List.of("-C", entry, "."));
                }
            }
            ToolProvider.findFirst("jar").orElseThrow().run(System.out, System.err, packing.toArray(String[]::new));
            List<String> program = new ArrayList<>(quick());
            program.set(program.indexOf("-cp") + 1, String.join(File.pathSeparator, jars));
            List<String> training = new ArrayList<>(program);
            training.add(1, "-XX:AOTCacheOutput=" + cache);
            training.add("train");
            run(training, directory.resolve("train.log"));
            program.addAll(1, List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
            return List.copyOf(program);
        }

        private static void run(List<String> command, Path log) {
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
                if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                    throw new IllegalStateException("the training failed: " + Files.readString(log));
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Starts {@code program}, to which the command to serve {@code data} is added. */
    public static ServerProcess start(List<String> program, Path data) {
        return start(program, variables(data));
    }

    /** As {@link #startClasses(Map)}, with another program. */
    public static ServerProcess startWith(List<String> program, Map<SettingKey, String> settings) {
        return start(program, variables(settings));
    }

    private static ServerProcess start(List<String> program, Map<String, String> variables) {
        List<String> command = new ArrayList<>(program);
        command.add("serve");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("COUNTERSIGN_TRUSTED_PROXIES", "127.0.0.1,::1");
        builder.environment().putAll(variables);
        try {
            return new ServerProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    port.complete(Integer.valueOf(ready.group(1)));
                }
            }
        } catch (IOException e) {
            output.add(e.toString());
        }
        port.completeExceptionally(new IllegalStateException("the server ended before it was ready: " + output()));
    }

    /** Waits until the server answers, and says where. */
    public int port() {
        try {
            return port.get(LONGEST_START.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the server did not start: " + output(), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** What it has taken of the processors so far, which is the same whatever else they do. */
    public Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Everything it has printed. */
    public String output() {
        return String.join("\n", output);
    }

    /** SIGKILL: the server can do nothing more. */
    public void kill() {
        await(process.destroyForcibly());
    }

    @Override
    public void close() {
        process.destroy();
        await(process);
    }

    /** SIGTERM, as a service manager sends it; answers at once. */
    public void askToEnd() {
        process.destroy();
    }

    /** The exit code, once it has ended. */
    public int exitCode() {
        await(process);
        return process.exitValue();
    }

    private static void await(Process process) {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server did not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
