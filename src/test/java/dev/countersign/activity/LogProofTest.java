package dev.countersign.activity;

import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.LogFinding.Kind;
import dev.countersign.directory.Environment;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.store.Dialect;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.Ed25519Key;
import dev.countersign.vault.Ed25519PublicKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is done to the log behind its back is found, and where: in the database, on both, and in a proof file. */
class LogProofTest {
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

    abstract static class Contract {
        /** Everything is sealed, the count of the first hour as well, and nothing late can come any more. */
        private static final Instant LATER = NOW.plus(Duration.ofHours(3));

        private static final int CHECKPOINTS = 5;

        private final TestInstallation on;
        private final ActivityLog log;
        private final Sealing sealing;
        private final SealStore seals;
        private final LogProof proof;
        private final Ed25519PublicKey key;

        Contract(TestInstallation on) {
            this.on = on;
            this.log = on.get(ActivityLog.class);
            this.sealing = on.get(Sealing.class);
            this.seals = on.get(SealStore.class);
            this.proof = on.get(LogProof.class);
            this.key = on.get(LogKeys.class).publicKey();
        }

        private void note(Environment acme, ActivityEvent event, Instant at) {
            Origin origin = new Origin("portal", "192.0.2.9", "Firefox, Linux", "request-7");
            Actor actor = Actor.person(new AccountId("bea"), "bea");
            on.database()
                    .write(() -> log.record(acme.id(), Optional.of(new AccountId("bea")), actor, origin, event, at));
        }

        /** Nine entries in four checkpoints, one of them counted; a fifth seals its count. */
        private Environment sealed() {
            Environment acme = on.environment();
            Environment scratch = on.environment();
            for (int round = 1; round <= 4; round++) {
                Instant at = NOW.plusSeconds(10L * round);
                note(acme, new ActivityEvent.GroupCreated(acme.name() + " first of " + round), at);
                note(scratch, new ActivityEvent.GroupCreated("gap"), at);
                note(acme, new ActivityEvent.GroupCreated(acme.name() + " second of " + round), at);
                if (round == 2) {
                    hold(acme, at);
                    hold(acme, at.plusSeconds(1));
                }
                sealing.seal(acme.id(), at.plusSeconds(2));
            }
            change("DELETE FROM activity WHERE environment_id = ?", scratch.id().value());
            sealing.seal(acme.id(), NOW.plus(Duration.ofMinutes(80)));
            return acme;
        }

        private void hold(Environment acme, Instant at) {
            on.database()
                    .write(() -> log.record(
                            acme.id(),
                            Optional.empty(),
                            Actor.ANONYMOUS,
                            new Origin("portal", "192.0.2.9", "", ""),
                            new ActivityEvent.SignInThrottled(FactorKind.TOTP, 30),
                            at));
        }

        private List<LoggedEntry> entries(Environment acme) {
            return seals.entries(acme.id().value(), 0, Long.MAX_VALUE, 1_000);
        }

        private long sequence(Environment acme, int index) {
            return entries(acme).get(index).sequence();
        }

        private LogReport verify(Environment acme) {
            return proof.verify(acme.id(), key, LogCopy.NONE, LATER);
        }

        private int change(String statement, Object... values) {
            return on.database()
                    .write(() ->
                            on.database().sql().sql(statement).params(values).update());
        }

        private static void assertFound(LogReport report, Kind kind, long entry) {
            assertThat(report.findings())
                    .as("%s of entry %s", kind, entry)
                    .anyMatch(
                            finding -> finding.kind() == kind && finding.entry().equals(Optional.of(entry)));
        }

        private static void assertFoundAt(LogReport report, Kind kind, long checkpoint) {
            assertThat(report.findings())
                    .as("%s of checkpoint %s", kind, checkpoint)
                    .anyMatch(finding ->
                            finding.kind() == kind && finding.checkpoint().equals(Optional.of(checkpoint)));
        }

        @Test
        void an_untouched_log_is_intact() {
            Environment acme = sealed();
            LogReport report = verify(acme);
            assertThat(report.findings()).isEmpty();
            assertThat(report.entries()).isEqualTo(10);
            assertThat(report.firstCheckpoint()).isEqualTo(1);
            assertThat(report.lastCheckpoint()).isEqualTo(CHECKPOINTS);
            assertThat(report.unsealed()).isZero();
            note(acme, new ActivityEvent.AppEnrolled(), LATER);
            LogReport after = verify(acme);
            assertThat(after.isIntact()).isTrue();
            assertThat(after.unsealed()).isEqualTo(1);
            assertThat(after.unsealedSince()).contains(LATER);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "at = at + 1",
                    "kind = 'app-removed'",
                    "account_id = 'carl'",
                    "account_id = NULL",
                    "actor_id = 'carl'",
                    "actor_name = 'carl'",
                    "door = 'api'",
                    "address = '192.0.2.8'",
                    "browser = ''",
                    "request_id = ''",
                    "details = '{}'",
                    "repeats = repeats + 1",
                    "last_at = 7",
                    "repeat_key = 'x' || sequence"
                })
        void ac_224_a_changed_column_is_found(String what) {
            Environment acme = sealed();
            long sequence = sequence(acme, 4);
            assertThat(change("UPDATE activity SET " + what + " WHERE sequence = ?", sequence))
                    .isEqualTo(1);
            LogReport report = verify(acme);
            assertFound(report, Kind.ENTRY_CHANGED, sequence);
            assertThat(report.findings()).hasSize(1);
        }

        @Test
        void a_count_is_found_changed_before_and_after_it_is_final() {
            Environment acme = sealed();
            long counted = entries(acme).stream()
                    .filter(entry -> entry.kind().equals("sign-in-throttled"))
                    .findFirst()
                    .orElseThrow()
                    .sequence();
            change("UPDATE activity SET repeats = 1 WHERE sequence = ?", counted);
            assertFound(verify(acme), Kind.ENTRY_CHANGED, counted);
            Environment other = on.environment();
            hold(other, LATER);
            sealing.seal(other.id(), LATER);
            hold(other, LATER.plusSeconds(3));
            assertThat(verify(other).isIntact()).as("it may still grow").isTrue();
            long open = sequence(other, 1);
            change("UPDATE activity SET address = '192.0.2.1' WHERE sequence = ?", open);
            assertFound(verify(other), Kind.ENTRY_CHANGED, open);
            change("UPDATE activity SET address = '192.0.2.9', repeat_key = NULL WHERE sequence = ?", open);
            assertFound(verify(other), Kind.ENTRY_CHANGED, open);
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 1, 5, 8, 9})
        void ac_224_a_removed_entry_is_found_first_middle_and_last(int index) {
            Environment acme = sealed();
            long sequence = sequence(acme, index);
            change("DELETE FROM activity WHERE sequence = ?", sequence);
            LogReport report = verify(acme);
            assertFound(report, Kind.ENTRY_REMOVED, sequence);
            assertThat(report.findings()).hasSize(1);
        }

        @Test
        void ac_224_an_inserted_entry_is_found() {
            Environment acme = sealed();
            long gap = sequence(acme, 4) - 1;
            assertThat(entries(acme)).noneMatch(entry -> entry.sequence() == gap);
            insert(acme, gap);
            assertFound(verify(acme), Kind.ENTRY_INSERTED, gap);
            sealing.seal(acme.id(), LATER);
            assertThat(seals.head(acme.id().value()).orElseThrow().number())
                    .as("and is not sealed")
                    .isEqualTo(CHECKPOINTS);
        }

        @Test
        void an_entry_with_a_number_far_ahead_stops_nothing() {
            Environment acme = sealed();
            long far = sequence(acme, 9) + 2 * Sealing.FURTHEST;
            if (on.database().dialect() == Dialect.POSTGRESQL) {
                insert(acme, far);
                note(acme, new ActivityEvent.AppEnrolled(), LATER);
                assertThat(sealing.seal(acme.id(), LATER)).isEqualTo(1);
                assertThat(verify(acme).unsealed()).isEqualTo(1);
                change("DELETE FROM activity WHERE sequence = ?", far);
            }
        }

        private void insert(Environment acme, long sequence) {
            String overriding = on.database().dialect() == Dialect.POSTGRESQL ? " OVERRIDING SYSTEM VALUE" : "";
            change(
                    "INSERT INTO activity (sequence, environment_id, at, kind, actor_name, door, address, browser,"
                            + " request_id, details)" + overriding
                            + " VALUES (?, ?, ?, 'app-removed', 'bea', 'portal', '', '', '', '{}')",
                    sequence,
                    acme.id().value(),
                    NOW.toEpochMilli());
        }

        @Test
        void ac_224_entries_in_another_order_are_found() {
            Environment acme = sealed();
            long one = sequence(acme, 3);
            long other = sequence(acme, 6);
            swap(one, other);
            LogReport report = verify(acme);
            assertFound(report, Kind.ENTRY_REORDERED, one);
            assertFound(report, Kind.ENTRY_REORDERED, other);
            assertThat(report.findings()).hasSize(2);
            assertThat(report.findings().getFirst().text()).contains(Long.toString(other));
        }

        private void swap(long one, long other) {
            for (String column : List.of("at", "details")) {
                List<Object> values = List.of(one, other).stream()
                        .map(sequence -> on.database()
                                .sql()
                                .sql("SELECT " + column + " FROM activity WHERE sequence = ?")
                                .param(sequence)
                                .query()
                                .singleValue())
                        .toList();
                change("UPDATE activity SET " + column + " = ? WHERE sequence = ?", values.get(1), one);
                change("UPDATE activity SET " + column + " = ? WHERE sequence = ?", values.get(0), other);
            }
        }

        @Test
        void entries_swapped_between_environments_are_found_in_both() {
            Environment acme = sealed();
            Environment other = sealed();
            long here = sequence(acme, 4);
            long there = sequence(other, 4);
            change(
                    "UPDATE activity SET environment_id = ? WHERE sequence = ?",
                    other.id().value(),
                    here);
            change(
                    "UPDATE activity SET environment_id = ? WHERE sequence = ?",
                    acme.id().value(),
                    there);
            assertFound(verify(acme), Kind.ENTRY_REMOVED, here);
            assertThat(verify(acme).unsealed())
                    .as("its number is newer than all of this environment")
                    .isEqualTo(1);
            assertFound(verify(other), Kind.ENTRY_REMOVED, there);
            assertFound(verify(other), Kind.ENTRY_INSERTED, here);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "made_at = made_at + 1",
                    "key_id = 'other'",
                    "previous = list_digest",
                    "entry_count = entry_count + 1",
                    "first_sequence = 0",
                    "last_sequence = 0",
                    "first_at = 0",
                    "last_at = 0",
                    "high = high + 1",
                    "settled = settled + 1",
                    "pruned_through = 1",
                    "pruned_entries = 1",
                    "pruned_last = list_digest",
                    "list_digest = previous",
                    "signature = list_digest || list_digest",
                    "entries = signature"
                })
        void a_changed_checkpoint_is_found(String what) {
            Environment acme = sealed();
            String changed = on.database().dialect() == Dialect.POSTGRESQL
                    ? what.replace("entries = signature", "entries = convert_to(signature, 'UTF8')")
                    : what;
            change(
                    "UPDATE activity_checkpoint SET " + changed + " WHERE environment_id = ? AND number = 3",
                    acme.id().value());
            assertFoundAt(verify(acme), Kind.CHECKPOINT_CHANGED, 3);
        }

        @Test
        void a_list_that_was_changed_together_with_an_entry_is_found() {
            Environment acme = sealed();
            SealedCheckpoint third = seals.checkpoints(acme.id().value(), 2, 1).getFirst();
            long sequence = third.entries().getFirst().sequence();
            change("UPDATE activity SET actor_name = 'carl' WHERE sequence = ?", sequence);
            List<ListedEntry> forged = new ArrayList<>(third.entries());
            forged.set(
                    0,
                    ListedEntry.of(
                            seals.entries(acme.id().value(), List.of(sequence)).getFirst()));
            change(
                    "UPDATE activity_checkpoint SET entries = ? WHERE environment_id = ? AND number = 3",
                    ListedEntry.pack(forged),
                    acme.id().value());
            assertFoundAt(verify(acme), Kind.CHECKPOINT_CHANGED, 3);
            change(
                    "UPDATE activity_checkpoint SET list_digest = ? WHERE environment_id = ? AND number = 3",
                    ListedEntry.hash(ListedEntry.pack(forged)),
                    acme.id().value());
            assertFoundAt(verify(acme), Kind.CHECKPOINT_CHANGED, 3);
        }

        @Test
        void a_checkpoint_signed_with_another_key_is_found() {
            Environment acme = sealed();
            Ed25519Key own = Ed25519Key.create();
            Checkpoint forged = seals.checkpoints(acme.id().value(), 2, 1)
                    .getFirst()
                    .checkpoint()
                    .signedBy(own);
            change(
                    "UPDATE activity_checkpoint SET key_id = ?, signature = ? WHERE environment_id = ? AND number = 3",
                    own.publicKey().id(),
                    forged.signature(),
                    acme.id().value());
            assertFoundAt(verify(acme), Kind.CHECKPOINT_CHANGED, 3);
            change(
                    "UPDATE activity_checkpoint SET key_id = ? WHERE environment_id = ? AND number = 3",
                    key.id(),
                    acme.id().value());
            assertFoundAt(verify(acme), Kind.CHECKPOINT_CHANGED, 3);
        }

        @Test
        void a_removed_checkpoint_is_found_with_and_without_its_entries() {
            for (long number : List.of(1L, 3L)) {
                for (boolean entriesToo : List.of(false, true)) {
                    Environment acme = sealed();
                    removeCheckpoint(acme, number, entriesToo);
                    LogReport report = verify(acme);
                    assertFoundAt(report, Kind.CHECKPOINT_REMOVED, number);
                    assertThat(report.unprovable() > 0).isEqualTo(!entriesToo);
                    assertThat(report.findings()).noneMatch(finding -> finding.kind() == Kind.ENTRY_INSERTED);
                }
            }
        }

        private void removeCheckpoint(Environment acme, long number, boolean entriesToo) {
            if (entriesToo) {
                seals.checkpoints(acme.id().value(), number - 1, 1)
                        .getFirst()
                        .entries()
                        .forEach(entry -> change("DELETE FROM activity WHERE sequence = ?", entry.sequence()));
            }
            change(
                    "DELETE FROM activity_checkpoint WHERE environment_id = ? AND number = ?",
                    acme.id().value(),
                    number);
        }

        @Test
        void ac_224_an_end_that_was_cut_off_is_found() {
            Environment acme = sealed();
            removeCheckpoint(acme, 5, false);
            removeCheckpoint(acme, 4, true);
            assertThat(verify(acme).findings()).anyMatch(finding -> finding.kind() == Kind.TAIL_REMOVED);
            note(acme, new ActivityEvent.AppEnrolled(), LATER);
            sealing.seal(acme.id(), LATER);
            assertFoundAt(verify(acme), Kind.CHECKPOINT_REMOVED, 4);
        }

        @Test
        void what_retention_removes_is_signed_and_nothing_else_may_go() {
            Environment acme = sealed();
            Instant later = NOW.plus(Duration.ofDays(401));
            note(acme, new ActivityEvent.AppEnrolled(), later);
            sealing.seal(acme.id(), later);
            assertThat(on.get(Retention.class).removeOld(later)).isPositive();
            sealing.seal(acme.id(), later);
            LogReport report = proof.verify(acme.id(), key, LogCopy.NONE, later.plus(Duration.ofHours(1)));
            assertThat(report.findings()).isEmpty();
            assertThat(report.removedByRetention()).isEqualTo(10);
            assertThat(report.entries()).isEqualTo(2);
            assertThat(report.firstCheckpoint()).isEqualTo(CHECKPOINTS + 1L);
            long left = sequence(acme, 0);
            change("DELETE FROM activity WHERE sequence = ?", left);
            assertFound(
                    proof.verify(acme.id(), key, LogCopy.NONE, later.plus(Duration.ofHours(1))),
                    Kind.ENTRY_REMOVED,
                    left);
            change(
                    "DELETE FROM activity_checkpoint WHERE environment_id = ? AND number = ?",
                    acme.id().value(),
                    CHECKPOINTS + 1);
            assertFoundAt(proof.verify(acme.id(), key, LogCopy.NONE, later), Kind.CHECKPOINT_REMOVED, CHECKPOINTS + 1L);
        }

        @Test
        void ac_224_what_was_carried_outside_tells_of_a_log_that_was_cut_off_or_made_anew() throws IOException {
            Environment acme = sealed();
            Path outside = TestInstallation.newDirectory().resolve("checkpoints.jsonl");
            List<String> lines = seals.checkpoints(acme.id().value(), 0, 10).stream()
                    .map(LogLines::of)
                    .toList();
            Files.write(outside, lines);
            LogCopy copy = LogCopy.read(outside, acme.id().value(), key);
            assertThat(proof.verify(acme.id(), key, copy, LATER).isIntact()).isTrue();
            ChainHead third = ChainHead.of(
                    seals.checkpoints(acme.id().value(), 2, 1).getFirst().checkpoint());
            long high = third.high();
            change(
                    "DELETE FROM activity_checkpoint WHERE environment_id = ? AND number > 3",
                    acme.id().value());
            change(
                    "DELETE FROM activity WHERE environment_id = ? AND sequence > ?",
                    acme.id().value(),
                    high);
            change(
                    "UPDATE activity_head SET number = 3, hash = ?, high = ? WHERE environment_id = ?",
                    third.hash(),
                    high,
                    acme.id().value());
            // The whole end is gone, also the row that names it: only the copy knows.
            assertThat(proof.verify(acme.id(), key, copy, LATER).findings())
                    .anyMatch(finding -> finding.kind() == Kind.TAIL_REMOVED);
            note(acme, new ActivityEvent.AppEnrolled(), LATER);
            sealing.seal(acme.id(), LATER);
            assertFoundAt(proof.verify(acme.id(), key, copy, LATER), Kind.COPY_DIFFERS, 4);
        }

        // Files

        private Path file(Environment acme) throws Exception {
            Path file = TestInstallation.newDirectory().resolve("log.proof");
            StringBuilder text = new StringBuilder();
            proof.export(acme.id(), acme.name(), text, LATER);
            Files.writeString(file, text);
            return file;
        }

        private LogReport verify(Path file) throws IOException {
            return LogFile.open(file).orElseThrow().verify(key, LogCopy.NONE);
        }

        @Test
        void a_proof_file_is_intact_and_proves_it_to_whoever_has_the_public_key_alone() throws Exception {
            Environment acme = sealed();
            note(acme, new ActivityEvent.AppEnrolled(), LATER);
            Path file = file(acme);
            LogReport report = verify(file);
            assertThat(report.findings()).isEmpty();
            assertThat(report.entries()).isEqualTo(11);
            assertThat(report.unsealed()).isEqualTo(1);
            Ed25519PublicKey other = Ed25519Key.create().publicKey();
            assertThat(LogFile.open(file)
                            .orElseThrow()
                            .verify(other, LogCopy.NONE)
                            .findings())
                    .as("with another key")
                    .anyMatch(finding -> finding.kind() == Kind.CHECKPOINT_CHANGED);
        }

        @Test
        void a_file_that_was_cut_off_anywhere_is_found() throws Exception {
            Path file = file(sealed());
            List<String> lines = Files.readAllLines(file);
            for (int length = 1; length < lines.size(); length++) {
                Files.write(file, lines.subList(0, length));
                assertThat(verify(file).findings())
                        .as("cut after line %s", length)
                        .anyMatch(finding -> finding.kind() == Kind.TAIL_REMOVED);
            }
        }

        @Test
        void any_line_that_is_removed_doubled_or_moved_is_found() throws Exception {
            Path file = file(sealed());
            List<String> lines = Files.readAllLines(file);
            for (int line = 1; line < lines.size(); line++) {
                List<String> without = new ArrayList<>(lines);
                without.remove(line);
                Files.write(file, without);
                assertThat(verify(file).isIntact())
                        .as("without %s", lines.get(line))
                        .isFalse();
                if (line < lines.size() - 1) {
                    List<String> doubled = new ArrayList<>(lines);
                    doubled.add(line, lines.get(line));
                    Files.write(file, doubled);
                    assertThat(verify(file).isIntact())
                            .as("twice %s", lines.get(line))
                            .isFalse();
                }
                boolean moves = line > 1
                        && lines.get(line)
                                .substring(0, 5)
                                .equals(lines.get(line - 1).substring(0, 5));
                if (moves) {
                    List<String> moved = new ArrayList<>(lines);
                    Collections.swap(moved, line, line - 1);
                    Files.write(file, moved);
                    assertThat(verify(file).findings())
                            .as("moved %s", lines.get(line))
                            .anyMatch(finding -> finding.kind() == Kind.ENTRY_REORDERED
                                    || finding.kind() == Kind.CHECKPOINT_REORDERED);
                }
            }
        }

        @Test
        void any_character_that_is_changed_is_found() throws Exception {
            Path file = file(sealed());
            List<String> lines = Files.readAllLines(file);
            int rounds = Boolean.getBoolean("countersign.long") ? 20_000 : 150;
            long seed = Long.getLong("countersign.seed", System.nanoTime());
            Random dice = new Random(seed);
            for (int round = 0; round < rounds; round++) {
                int line = 1 + dice.nextInt(lines.size() - 1);
                String before = lines.get(line);
                int at = dice.nextInt(before.length());
                char changed = before.charAt(at) == '7' ? '8' : '7';
                List<String> touched = new ArrayList<>(lines);
                touched.set(line, before.substring(0, at) + changed + before.substring(at + 1));
                Files.write(file, touched);
                assertThat(verify(file).isIntact())
                        .as("seed %s, line %s, place %s: %s", seed, line, at, touched.get(line))
                        .isFalse();
            }
        }
    }
}
