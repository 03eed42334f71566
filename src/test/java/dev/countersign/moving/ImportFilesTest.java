package dev.countersign.moving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.activity.Actor;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A file that was given in the console is taken in to its end, whatever happens to the server, on both databases. */
class ImportFilesTest {
    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestInstallation.sqlite());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestInstallation.postgresql());
        }
    }

    /** What ends a process, and runs nothing that would tidy up. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    abstract static class Contract {
        private static final int LINES = 12_000;

        private final TestInstallation on;
        private final ImportFiles files;
        private final Environment environment;
        private final Administrator by;

        Contract(TestInstallation on) {
            this.on = on;
            this.files = on.get(ImportFiles.class);
            this.environment = on.environment();
            Account ada = on.person(environment, "ada", Role.ADMINISTRATOR);
            this.by = new Administrator(
                    environment.id(),
                    Optional.of(ada.id()),
                    on.get(Accounts.class).rights(ada),
                    Actor.person(ada.id(), "ada"),
                    Origin.SYSTEM);
        }

        private Instant now() {
            return on.get(Clock.class).instant();
        }

        private ImportFile keep(int lines) throws IOException {
            StringBuilder text = new StringBuilder("username,email\n");
            for (int i = 0; i < lines; i++) {
                text.append("moving-").append(i).append(",someone.with.a.long.address@example.org\n");
            }
            return ((Outcome.Done<ImportFile>) files.keep(
                            by,
                            ImportFile.Kind.CSV,
                            false,
                            "people.csv",
                            new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)),
                            now()))
                    .value();
        }

        private long people() {
            return on.count(
                    "SELECT count(*) FROM account WHERE environment_id = ? AND username LIKE 'moving-%'",
                    environment.id().value());
        }

        private void ends(ImportFile file) {
            files.workOff(file.id(), () -> true);
            ImportFile after = files.find(environment.id(), file.id()).orElseThrow();
            assertThat(after.isFinished()).isTrue();
            assertThat(people()).isEqualTo(LINES);
            assertThat(after.counts().created()).as("nobody is counted twice").isEqualTo(LINES);
            assertThat(after.counts().refused()).isZero();
        }

        @Test
        void what_a_stopping_server_leaves_goes_on_where_it_was() throws IOException {
            ImportFile file = keep(LINES);
            files.begin(by, file, now());
            assertThat(files.waiting()).contains(file.id());
            files.workOff(file.id(), () -> false);
            assertThat(people()).as("half-way").isBetween(1L, LINES - 1L);
            assertThat(files.waiting()).as("let go of at once").contains(file.id());
            ends(file);
        }

        @Test
        void what_a_killed_server_leaves_goes_on_when_its_hold_is_over() throws IOException {
            ImportFile file = keep(LINES);
            files.begin(by, file, now());
            BooleanSupplier kill = () -> {
                throw new Killed();
            };
            assertThatThrownBy(() -> files.workOff(file.id(), kill)).isInstanceOf(Killed.class);
            assertThat(people()).isBetween(1L, LINES - 1L);
            assertThat(files.waiting()).as("still held").doesNotContain(file.id());
            ((TestClock) on.get(Clock.class)).advance(Duration.ofMinutes(10));
            assertThat(files.waiting()).contains(file.id());
            ends(file);
        }

        @Test
        void what_was_never_begun_is_forgotten_soon_and_what_was_finished_much_later() throws IOException {
            ImportFile given = keep(10);
            ImportFile taken = keep(20);
            files.begin(by, taken, now());
            files.forgetOld(now());
            assertThat(files.find(environment.id(), given.id())).isPresent();
            files.forgetOld(now().plus(Duration.ofDays(2)));
            assertThat(files.find(environment.id(), given.id())).isEmpty();
            assertThat(on.count("SELECT count(*) FROM import_file_piece WHERE file_id = ?", given.id()))
                    .isZero();
            assertThat(files.find(environment.id(), taken.id())).isPresent();
            files.forgetOld(now().plus(Duration.ofDays(400)));
            assertThat(files.find(environment.id(), taken.id())).isEmpty();
        }
    }
}
