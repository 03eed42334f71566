package dev.countersign.api;

import dev.countersign.administration.Administrator;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.moving.GroupFile;
import dev.countersign.moving.MovingIn;
import dev.countersign.moving.MovingOut;
import dev.countersign.moving.Reason;
import dev.countersign.moving.Verdict;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Moving in and out: people from a file, what of it was refused, and people and groups as files without secrets. */
@RestController
final class MovingApi {
    private static final long LARGEST_FILE = 1L << 29;
    private static final int MOST_EXAMPLES = 400;

    private final MovingIn in;
    private final GroupFile groups;
    private final MovingOut out;
    private final Lists lists;
    private final Clock clock;

    MovingApi(MovingIn in, GroupFile groups, MovingOut out, Lists lists, Clock clock) {
        this.in = in;
        this.groups = groups;
        this.out = out;
        this.lists = lists;
        this.clock = clock;
    }

    /**
     * What came, or would come, of a line.
     *
     * @param outcome {@code created}, {@code changed}, {@code unchanged} or {@code refused}
     * @param detail the fields that change, or why it is refused, in English
     * @param code why it is refused, in a word that stays the same
     */
    record LineView(
            long line,
            String username,
            String outcome,
            @Nullable String detail,
            @Nullable String code) {}

    /**
     * What came of a file.
     *
     * @param run names the import, for its refused lines; absent when nothing was to be changed
     * @param resumedAfter how many items had been done before it was interrupted
     * @param broken why the rest could not be read
     * @param examples the first of each kind
     */
    record ImportView(
            @Nullable String run,
            long created,
            long changed,
            long unchanged,
            long refused,
            long resumedAfter,
            @Nullable String broken,
            List<LineView> examples) {}

    @PutMapping("/api/v1/imports/{format}")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE, fresh = true)
    @Operation(
            value =
                    "Take people in from a file: jsonl, csv or keycloak (a realm export). The body is the file. Sent once more"
                            + " after an interruption, it goes on where it was. With dryRun nothing changes.",
            file = "application/octet-stream",
            problems = {ProblemType.CONFLICT, ProblemType.TOO_LARGE, ProblemType.NOT_ENTITLED, ProblemType.FORBIDDEN})
    ImportView importPeople(
            @PathVariable("format") String format,
            @RequestParam(name = "dryRun", required = false) @Nullable Boolean dryRun,
            @RequestParam(name = "replaceFactors", required = false) @Nullable Boolean replaceFactors,
            HttpServletRequest request)
            throws IOException {
        MovingIn.Format known = Stream.of(MovingIn.Format.values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(format))
                .findFirst()
                .orElseThrow(Refusal::notFound);
        boolean dry = Boolean.TRUE.equals(dryRun);
        Instant now = clock.instant();
        MovingIn.Options options = new MovingIn.Options(known, dry, false, Boolean.TRUE.equals(replaceFactors));
        Path file = Files.createTempFile("countersign-import-", ".part");
        try {
            keep(request.getInputStream(), file);
            return view(in.run(by(request), new Sent(format, file), options, now, _ -> {}));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @PutMapping("/api/v1/imports/groups")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE, fresh = true)
    @Operation(
            value =
                    "Take groups in from a table: group,member,nested. The body is the file. Rows add and never take away;"
                            + " with dryRun nothing changes.",
            file = "text/csv",
            problems = {ProblemType.TOO_LARGE, ProblemType.NOT_ENTITLED, ProblemType.FORBIDDEN})
    ImportView importGroups(
            @RequestParam(name = "dryRun", required = false) @Nullable Boolean dryRun, HttpServletRequest request)
            throws IOException {
        Path file = Files.createTempFile("countersign-import-", ".part");
        try {
            keep(request.getInputStream(), file);
            boolean dry = Boolean.TRUE.equals(dryRun);
            return view(groups.run(by(request), new Sent("groups", file), dry, clock.instant(), _ -> {}));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static ImportView view(GroupFile.Result result) {
        return switch (result) {
            case GroupFile.Result.Done done ->
                new ImportView(
                        null,
                        done.counts().created(),
                        done.counts().changed(),
                        done.counts().unchanged(),
                        done.counts().refused(),
                        0,
                        done.broken().orElse(null),
                        done.examples().stream()
                                .limit(MOST_EXAMPLES)
                                .map(MovingApi::view)
                                .toList());
            case GroupFile.Result.Refused(var why) -> throw Outcomes.explain(why);
        };
    }

    /** The body, readable twice. */
    private record Sent(String what, Path file) implements MovingIn.Source {
        @Override
        public String name() {
            return "REST, " + what;
        }

        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }

    private static void keep(InputStream body, Path file) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long all = 0;
        try (OutputStream to = Files.newOutputStream(file)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                all += read;
                if (all > LARGEST_FILE) {
                    throw Refusal.of(ProblemType.TOO_LARGE, "A file has at most 512 MiB. Cut it in two.");
                }
                to.write(buffer, 0, read);
            }
        }
    }

    private static ImportView view(MovingIn.Result result) {
        return switch (result) {
            case MovingIn.Result.Done done ->
                new ImportView(
                        done.run().orElse(null),
                        done.counts().created(),
                        done.counts().changed(),
                        done.counts().unchanged(),
                        done.counts().refused(),
                        done.resumedAfter(),
                        done.broken().orElse(null),
                        done.examples().stream().map(MovingApi::view).toList());
            case MovingIn.Result.Refused(var why) -> throw Outcomes.explain(why);
            case MovingIn.Result.Elsewhere() ->
                throw Refusal.of(ProblemType.CONFLICT, "The same file is being taken in at this moment.");
        };
    }

    private static LineView view(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Created(long line, String username) -> new LineView(line, username, "created", null, null);
            case Verdict.Changed(long line, String username, String what) ->
                new LineView(line, username, "changed", what, null);
            case Verdict.Unchanged(long line, String username) -> new LineView(line, username, "unchanged", null, null);
            case Verdict.Refused(long line, String username, Reason reason) ->
                new LineView(line, username, "refused", reason.english(), reason.wireName());
        };
    }

    @GetMapping("/api/v1/imports/{run}/refusals")
    @Access(value = Access.Level.API, needs = Permission.EDIT_PEOPLE)
    @Operation("The refused lines of an import, in the order of the file.")
    ResponseEntity<Page<LineView>> listImportRefusals(
            @PathVariable("run") String run,
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        String id = Identifiers.find(run).orElseThrow(Refusal::notFound);
        EnvironmentId environment = environment(request);
        return lists.found("import-refusals " + id, limit, cursor, request, (after, most) -> {
            List<MovingIn.NumberedRefusal> found =
                    in.refusals(environment, id, after.map(Long::parseLong).orElse(0L), most + 1);
            List<MovingIn.NumberedRefusal> shown = found.size() > most ? found.subList(0, most) : found;
            return new Lists.Found<>(
                    shown.stream().map(one -> view(one.refusal())).toList(),
                    found.size() > most
                            ? java.util.Optional.of(
                                    Long.toString(shown.getLast().number()))
                            : java.util.Optional.empty());
        });
    }

    /** Writes a file. */
    private interface Export {
        void write(Writer to) throws IOException;
    }

    @GetMapping(path = "/api/v1/exports/people.jsonl", produces = MediaType.APPLICATION_NDJSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("All people as JSON lines, without secrets.")
    void exportPeople(HttpServletRequest request, HttpServletResponse response) throws IOException {
        send(
                response,
                MediaType.APPLICATION_NDJSON_VALUE,
                "people",
                "jsonl",
                to -> out.people(by(request), MovingOut.Format.JSONL, to, clock.instant()));
    }

    @GetMapping(path = "/api/v1/exports/people.csv", produces = "text/csv")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation(
            "All people as a table, without secrets; what a spreadsheet would take for a formula is kept from being one.")
    void exportPeopleTable(HttpServletRequest request, HttpServletResponse response) throws IOException {
        send(
                response,
                "text/csv;charset=UTF-8",
                "people",
                "csv",
                to -> out.people(by(request), MovingOut.Format.CSV, to, clock.instant()));
    }

    @GetMapping(path = "/api/v1/exports/groups.csv", produces = "text/csv")
    @Access(value = Access.Level.API, needs = Permission.VIEW_PEOPLE)
    @Operation("All groups as a table: who is in them, and which stand in which.")
    void exportGroups(HttpServletRequest request, HttpServletResponse response) throws IOException {
        send(response, "text/csv;charset=UTF-8", "groups", "csv", to -> out.groups(by(request), to, clock.instant()));
    }

    private static void send(HttpServletResponse response, String type, String name, String extension, Export export)
            throws IOException {
        response.setContentType(type);
        response.setHeader("Content-Disposition", "attachment; filename=\"" + name + "." + extension + "\"");
        Writer writer = new BufferedWriter(new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8));
        export.write(writer);
        writer.flush();
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }

    private static Administrator by(HttpServletRequest request) {
        return Outcomes.by(ApiCaller.of(request));
    }
}
