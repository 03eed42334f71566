package dev.countersign.moving;

import dev.countersign.activity.Actor;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.store.Database;
import dev.countersign.vault.Place;
import dev.countersign.vault.Randomness;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Files that were given through a browser: kept sealed, looked at, and taken in once that is confirmed, here or on any node.
 * Whoever works on one holds a lease; when a node dies, another continues where it stopped. Thread-safe.
 */
@Component
public final class ImportFiles {
    /** More belongs to the command line or to REST. */
    public static final long LARGEST = 32L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ImportFiles.class);
    private static final int PIECE = 1 << 18;
    /** So little is taken in while whoever began it waits. */
    private static final int LITTLE = 1 << 15;

    private static final int LONGEST_PROBLEM = 500;
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final Duration HELD_AGAIN_AFTER = Duration.ofSeconds(1);
    private static final Duration GIVEN_KEPT = Duration.ofHours(2);
    private static final Duration FINISHED_KEPT = Duration.ofDays(30);

    private final Database database;
    private final ImportFileStore store;
    private final MovingStore runs;
    private final MovingIn people;
    private final GroupFile groups;
    private final Accounts accounts;
    private final Vault vault;
    private final Randomness randomness;
    private final Clock clock;

    ImportFiles(
            Database database,
            ImportFileStore store,
            MovingStore runs,
            MovingIn people,
            GroupFile groups,
            Accounts accounts,
            Vault vault,
            Randomness randomness,
            Clock clock) {
        this.database = database;
        this.store = store;
        this.runs = runs;
        this.people = people;
        this.groups = groups;
        this.accounts = accounts;
        this.vault = vault;
        this.randomness = randomness;
        this.clock = clock;
    }

    /** Keeps a file; nothing else happens until {@link #begin}, and what is never begun is forgotten. */
    public Outcome<ImportFile> keep(
            Administrator by, ImportFile.Kind kind, boolean replaceFactors, String name, InputStream from, Instant now)
            throws IOException {
        if (!mayTakeIn(by.rights(), replaceFactors) || by.account().isEmpty()) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        AccountId giver = by.account().get();
        String id = randomness.identifier();
        database.write(() -> store.insert(id, by, giver, kind, replaceFactors, Refusals.shown(name), now));
        long bytes = 0;
        byte[] piece = new byte[PIECE];
        for (int read = from.readNBytes(piece, 0, PIECE); read > 0; read = from.readNBytes(piece, 0, PIECE)) {
            long number = bytes / PIECE;
            bytes += read;
            if (bytes > LARGEST) {
                delete(id);
                return Outcome.refused(Refusal.TOO_MANY);
            }
            byte[] sealedPiece = vault.seal(SecretBytes.of(Arrays.copyOf(piece, read)), place(id, number));
            database.write(() -> store.insertPiece(id, number, sealedPiece));
        }
        long all = bytes;
        database.write(() -> store.updateBytes(id, all));
        return new Outcome.Done<>(store.find(id).orElseThrow());
    }

    private static boolean mayTakeIn(Rights rights, boolean replaceFactors) {
        return rights.may(Permission.EDIT_PEOPLE) && (!replaceFactors || rights.may(Permission.RESET_FACTORS));
    }

    private static Place place(String id, long number) {
        return new Place("import_file_piece", "sealed_piece", id + "/" + number);
    }

    public Optional<ImportFile> find(EnvironmentId environment, String id) {
        return store.find(id).filter(file -> file.environment().equals(environment));
    }

    /** Files that were taken in, or are, newest first. */
    public List<ImportFile> newest(EnvironmentId environment, boolean ofGroups, int limit) {
        return store.newest(environment, ofGroups, limit);
    }

    /** What a file of people would change. */
    public MovingIn.Result previewPeople(Administrator by, ImportFile file, Instant now) throws IOException {
        return people.run(by, new Kept(file), options(file, true), now, _ -> {});
    }

    /** What a file of groups would change. */
    public GroupFile.Result previewGroups(Administrator by, ImportFile file, Instant now) throws IOException {
        return groups.run(by, new Kept(file), true, now, _ -> {});
    }

    private static MovingIn.Options options(ImportFile file, boolean dryRun) {
        return new MovingIn.Options(file.kind().people().orElseThrow(), dryRun, false, file.replaceFactors());
    }

    /** Refused lines of a file that was taken in, after the one with this number. */
    public List<MovingIn.NumberedRefusal> refusals(ImportFile file, long after, int limit) {
        return file.run()
                .map(run -> runs.refusals(file.environment(), run, after, limit))
                .orElse(List.of());
    }

    /** Begins to take a file in. A short one is taken in when this answers. */
    public Outcome<ImportFile> begin(Administrator by, ImportFile file, Instant now) {
        if (!mayTakeIn(by.rights(), file.replaceFactors()) || by.account().isEmpty()) {
            return Outcome.refused(Refusal.NOT_ALLOWED);
        }
        AccountId starter = by.account().get();
        if (!database.write(() -> store.start(file.id(), by, starter, now))) {
            return Outcome.refused(Refusal.VERSION_CHANGED);
        }
        if (file.bytes() <= LITTLE) {
            workOff(file.id(), () -> true);
        }
        return new Outcome.Done<>(store.find(file.id()).orElseThrow());
    }

    /** Forgets a file that was not begun. */
    public void discard(ImportFile file) {
        if (!file.isStarted()) {
            delete(file.id());
        }
    }

    List<String> waiting() {
        return store.waiting(clock.instant());
    }

    /** The work is another's by now, or the server stops. */
    private static final class Left extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Takes a file in while {@code longer}; another may have it, then nothing happens. */
    void workOff(String id, BooleanSupplier longer) {
        Instant now = clock.instant();
        Lease lease = new Lease(id, now.plus(LEASE), longer);
        if (!database.write(() -> store.claim(id, lease.until, now))) {
            return;
        }
        ImportFile file = store.find(id).orElseThrow();
        try {
            take(file, new Kept(file), lease, now);
        } catch (Left e) {
            database.write(() -> store.release(id, lease.until));
        } catch (Database.Busy e) {
            LOG.warn("an import waits: {}", e.toString());
        } catch (IOException | RuntimeException e) {
            LOG.error("the import of a file failed", e);
            Counts counts = store.find(id).orElse(file).counts();
            end(file, Optional.empty(), counts, "The server failed; its log says why. Give the file again.");
        }
    }

    /** What is held of a file's work, and until when. */
    private final class Lease {
        private final String id;
        private final BooleanSupplier longer;
        private Instant until;

        Lease(String id, Instant until, BooleanSupplier longer) {
            this.id = id;
            this.until = until;
            this.longer = longer;
        }

        /** Also says how far it has come; once a second is enough for both. */
        void hold(long bytesRead, Counts counts) {
            Instant next = clock.instant().plus(LEASE);
            if (next.isBefore(until.plus(HELD_AGAIN_AFTER)) && longer.getAsBoolean()) {
                return;
            }
            boolean held = database.write(() -> store.advance(id, until, next, bytesRead, counts));
            if (held) {
                until = next;
            }
            if (!held || !longer.getAsBoolean()) {
                throw new Left();
            }
        }
    }

    private void take(ImportFile file, Kept source, Lease lease, Instant now) throws IOException {
        Consumer<Counts> progress = counts -> lease.hold(source.read, counts);
        if (file.kind().people().isPresent()) {
            switch (people.run(starter(file), source, options(file, false), now, progress)) {
                case MovingIn.Result.Done done ->
                    end(file, done.run(), done.counts(), done.broken().orElse(""));
                case MovingIn.Result.Refused(Refusal why) -> endRefused(file, why);
                case MovingIn.Result.Elsewhere() -> LOG.info("a file is being taken in by another node");
            }
            return;
        }
        switch (groups.run(starter(file), source, false, now, progress)) {
            case GroupFile.Result.Done done ->
                end(
                        file,
                        Optional.of(keepRefusals(file, done)),
                        done.counts(),
                        done.broken().orElse(""));
            case GroupFile.Result.Refused(Refusal why) -> endRefused(file, why);
        }
    }

    /** Whoever began it, with what they may do now. */
    private Administrator starter(ImportFile file) {
        Rights rights = accounts.find(file.giver())
                .filter(account -> !account.isDisabled())
                .map(accounts::rights)
                .orElse(Rights.NONE);
        return new Administrator(
                file.environment(),
                Optional.of(file.giver()),
                rights,
                new Actor(accounts.find(file.giver()).map(Account::id), file.giverName()),
                file.origin());
    }

    /** A file of groups has no run of its own while it is taken in; its refused rows are listed in the same place. */
    private String keepRefusals(ImportFile file, GroupFile.Result.Done done) {
        ImportRun run = new ImportRun(randomness.identifier(), done.counts().all(), done.counts());
        Instant now = clock.instant();
        database.write(() -> {
            runs.insert(run, starter(file), file.id(), file.name(), "GROUPS", now);
            runs.insertRefusals(
                    run,
                    done.examples().stream()
                            .filter(Verdict.Refused.class::isInstance)
                            .map(Verdict.Refused.class::cast)
                            .toList());
            runs.finish(run, now);
        });
        return run.id();
    }

    private void endRefused(ImportFile file, Refusal why) {
        String problem = why == Refusal.NOT_ALLOWED
                ? "Whoever began this may not do it any more."
                : "The licence does not include it any more.";
        end(file, Optional.empty(), file.counts(), problem);
    }

    private void end(ImportFile file, Optional<String> run, Counts counts, String problem) {
        String shown = problem.length() <= LONGEST_PROBLEM ? problem : problem.substring(0, LONGEST_PROBLEM);
        database.write(() -> {
            store.finish(file.id(), run, counts, shown, clock.instant());
            store.deletePieces(file.id());
        });
    }

    /** Forgets what was finished long ago, and what was given and never begun. */
    void forgetOld(Instant now) {
        store.old(now.minus(FINISHED_KEPT), now.minus(GIVEN_KEPT)).forEach(this::delete);
    }

    private void delete(String id) {
        database.write(() -> {
            store.deletePieces(id);
            store.delete(id);
        });
    }

    /** A kept file, opened piece by piece. */
    private final class Kept implements MovingIn.Source {
        private final ImportFile file;
        private long read;

        Kept(ImportFile file) {
            this.file = file;
        }

        @Override
        public String name() {
            return file.name();
        }

        @Override
        public InputStream open() {
            read = 0;
            return new Pieces();
        }

        private final class Pieces extends InputStream {
            private InputStream piece = InputStream.nullInputStream();
            private long number;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int got = length == 0 ? 0 : piece.read(into, offset, length);
                while (got < 0) {
                    Optional<byte[]> next = store.sealedPiece(file.id(), number);
                    if (next.isEmpty()) {
                        return -1;
                    }
                    piece = new ByteArrayInputStream(open(next.get(), number++));
                    got = piece.read(into, offset, length);
                }
                read += got;
                return got;
            }

            private byte[] open(byte[] sealedPiece, long at) throws IOException {
                try {
                    return vault.open(sealedPiece, place(file.id(), at)).reveal();
                } catch (Vault.NotOurs e) {
                    throw new IOException("a piece of the file was altered", e);
                }
            }
        }
    }
}
