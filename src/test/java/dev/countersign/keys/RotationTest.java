package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.Origin;
import dev.countersign.node.Nodes;
import dev.countersign.store.Database;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import dev.countersign.vault.Vault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Keys change while servers run, on nodes with key files of their own, and whatever is killed on the way. */
class RotationTest {
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    private static final int KILLS = Boolean.getBoolean("countersign.long") ? 12 : 1;

    @Test
    void on_two_nodes_with_a_key_file_each_nobody_is_refused_while_one_rotates() throws IOException {
        String url = TestInstallation.newPostgresqlDatabase();
        Path directory = TestInstallation.newDirectory();
        Path keys = directory.resolve("first.keys");
        Path copy = directory.resolve("second.keys");
        try (TestServer first = node(url, keys)) {
            copy(keys, copy);
            try (TestServer second = node(url, copy)) {
                rotate(first, second, keys, copy);
            }
        }
    }

    private static TestServer node(String url, Path keys) {
        return TestServer.start(Map.of(
                SettingKey.DATABASE_URL,
                url,
                SettingKey.DATABASE_USER,
                "postgres",
                SettingKey.KEY_FILE,
                keys.toString()));
    }

    private static void copy(Path keys, Path copy) throws IOException {
        Path next = copy.resolveSibling("copy");
        Files.copy(keys, next, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void rotate(TestServer first, TestServer second, Path keys, Path copy) throws IOException {
        for (int i = 0; i < 40; i++) {
            first.person("before" + i);
        }
        KeyChanges changes = first.get(KeyChanges.class);
        String former = first.get(Vault.class).keys().getFirst().id();
        ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> people = new ArrayList<>();
        for (TestServer node : List.of(first, second)) {
            people.add(Thread.ofVirtual().start(() -> signInUntil(node, done, refused)));
        }
        say(first, second);
        assertThat(changes.rotate(Duration.ZERO, false, _ -> {}, ACTOR, Origin.SYSTEM))
                .as("the other node does not have the key")
                .isInstanceOf(KeyChanges.Changed.NotEverywhere.class);
        copy(keys, copy);
        say(first, second);
        KeyChanges.Changed.Rotated rotated =
                (KeyChanges.Changed.Rotated) changes.rotate(Duration.ZERO, false, _ -> {}, ACTOR, Origin.SYSTEM);
        assertThat(rotated.behind())
                .as("the other node seals with the former key")
                .isNotEmpty();
        assertThat(changes.retire(former, ACTOR, Origin.SYSTEM)).isInstanceOf(KeyChanges.Changed.StillNeeded.class);
        second.person("sealed.there");
        assertThat(signsIn(first, "sealed.there")).isTrue();
        copy(keys, copy);
        say(first, second);
        KeyChanges.Changed.Rotated finished =
                (KeyChanges.Changed.Rotated) changes.rotate(Duration.ZERO, false, _ -> {}, ACTOR, Origin.SYSTEM);
        assertThat(finished.key()).isEqualTo(rotated.key());
        assertThat(finished.behind()).isEmpty();
        assertThat(finished.walked().changed())
                .as("what the other node sealed meanwhile")
                .isPositive();
        assertThat(changes.retire(former, ACTOR, Origin.SYSTEM)).isInstanceOf(KeyChanges.Changed.Retired.class);
        first.person("sealed.here");
        assertThat(signsIn(second, "sealed.here"))
                .as("with the file of before the retirement")
                .isTrue();
        done.set(true);
        people.forEach(RotationTest::join);
        assertThat(refused).isEmpty();
    }

    private static void say(TestServer... nodes) {
        for (TestServer node : nodes) {
            node.get(Nodes.class).say(node.clock().instant());
        }
    }

    private static void signInUntil(TestServer node, AtomicBoolean done, ConcurrentLinkedQueue<String> refused) {
        for (int i = 0; i < 40 && !done.get(); i++) {
            if (!signsIn(node, "before" + i)) {
                refused.add("before" + i);
            }
        }
    }

    private static boolean signsIn(TestServer node, String username) {
        TestBrowser browser = node.browser();
        browser.signIn(username, TestServer.PASSWORD);
        return browser.get("/account").status() == 200;
    }

    private static void join(Thread thread) {
        try {
            thread.join(Duration.ofMinutes(1));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void killed_at_any_point_it_goes_on_where_it_was_and_the_server_opens_everything_all_the_while() throws Exception {
        try (TestServer server = TestServer.start()) {
            for (int i = 0; i < 600; i++) {
                server.person("person" + i);
            }
            SealedValues values = server.get(SealedValues.class);
            for (int kill = 0; kill < KILLS; kill++) {
                String before = server.get(Vault.class).keysNow().getLast().id();
                killAfter(server.directory(), 1 + kill % 6);
                assertThat(values.openAll().unopened()).isEmpty();
                assertThat(signsIn(server, "person1")).isTrue();
                assertThat(signsIn(server, "person599")).isTrue();
                KeyChanges.Changed changed =
                        server.get(KeyChanges.class).rotate(Duration.ZERO, true, _ -> {}, ACTOR, Origin.SYSTEM);
                String key = ((KeyChanges.Changed.Rotated) changed).key();
                assertThat(key).isNotEqualTo(before);
                assertThat(values.count().byKey()).containsOnlyKeys(key);
                assertThat(server.get(Database.class)
                                .sql()
                                .sql("SELECT count(*) FROM password")
                                .query(Long.class)
                                .single())
                        .isEqualTo(600);
            }
        }
    }

    /** The real command in a process of its own, which is gone after so many lines. */
    private static void killAfter(Path data, int lines) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.countersign.Countersign",
                        "keys",
                        "rotate",
                        "--nodes-have-the-key",
                        "--wait",
                        "0",
                        "--data",
                        data.toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int seen = 0;
            for (String line = said.readLine(); line != null && seen < lines; line = said.readLine()) {
                seen += line.contains("sealed anew") ? 1 : 0;
            }
            process.destroyForcibly();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
}
