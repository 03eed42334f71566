package dev.countersign.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.configuration.SettingKey;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Database;
import dev.countersign.support.TestInstallation;
import dev.countersign.support.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the example dashboard, the alerts and the documentation name is there, and what is there is documented. */
class MonitoringExamplesTest {
    private static final Path CHECKPOINTS = TestInstallation.newDirectory().resolve("checkpoints.jsonl");
    private static final TestServer SERVER =
            TestServer.start(Map.of(SettingKey.MANAGEMENT_PORT, "0", SettingKey.LOG_FILE, CHECKPOINTS.toString()));
    private static final Pattern NAME = Pattern.compile("\\b(countersign|jvm|process)_[a-z_]+");
    private static final Set<String> NAMES = new TreeSet<>();

    /** A counter with labels shows once it has counted. */
    @BeforeAll
    static void let_everything_happen_once() {
        for (ActivityEvent event : List.of(
                new ActivityEvent.SignInCompleted(List.of(FactorKind.PASSWORD), "session", ""),
                new ActivityEvent.SignInRefused(ActivityEvent.Refusal.WRONG_CODE, FactorKind.TOTP),
                new ActivityEvent.GuessesExhausted(FactorKind.TOTP, "day"),
                new ActivityEvent.ChallengeAnswered(FactorKind.TOTP, "application"),
                new ActivityEvent.ApprovalGiven("request", "phone"),
                new ActivityEvent.SessionEnded(ActivityEvent.EndReason.SIGNED_OUT, "session"),
                new ActivityEvent.TwoFactorReset("administrator"))) {
            SERVER.get(Database.class)
                    .write(() -> SERVER.get(ActivityLog.class)
                            .record(
                                    SERVER.environment().id(),
                                    Optional.empty(),
                                    new Actor(Optional.empty(), "test"),
                                    Origin.SYSTEM,
                                    event,
                                    SERVER.clock().instant()));
        }
        SERVER.browser().get("/sign-in");
        String scrape = new String(SERVER.get(Metrics.class).scrape(), StandardCharsets.UTF_8);
        scrape.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]", 2)[0])
                .forEach(NAMES::add);
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static Set<String> namesIn(String file) throws IOException {
        Set<String> names = new TreeSet<>();
        Matcher matcher = NAME.matcher(Files.readString(Path.of(file)));
        while (matcher.find()) {
            names.add(matcher.group());
        }
        return names;
    }

    @Test
    void every_figure_of_the_examples_is_in_a_scrape() throws IOException {
        for (String file : List.of(
                "examples/monitoring/countersign-dashboard.json", "examples/monitoring/countersign.rules.yml")) {
            assertThat(namesIn(file)).as(file).hasSizeGreaterThan(8).isSubsetOf(NAMES);
        }
    }

    @Test
    void every_figure_is_documented() throws IOException {
        Set<String> documented = namesIn("docs/admin/monitoring.md");
        Set<String> ours = new TreeSet<>();
        NAMES.stream()
                .filter(name -> name.startsWith("countersign_"))
                .map(name -> name.replaceAll("_seconds_(bucket|count|sum)$", "_seconds"))
                .forEach(ours::add);
        assertThat(documented.stream().filter(name -> name.startsWith("countersign_")))
                .containsExactlyInAnyOrderElementsOf(ours);
    }
}
