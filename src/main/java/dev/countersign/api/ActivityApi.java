package dev.countersign.api;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityExport;
import dev.countersign.activity.ActivityFilter;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.ActivitySettings;
import dev.countersign.activity.Checkpoint;
import dev.countersign.activity.Checkpoints;
import dev.countersign.activity.Retention;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What happened: the log of an environment, filtered, and as a file. */
@RestController
final class ActivityApi {
    private static final int LONGEST = 200;

    private final ActivityLog log;
    private final Retention retention;
    private final Checkpoints checkpoints;
    private final Accounts accounts;
    private final Lists lists;
    private final JsonMapper json;
    private final Clock clock;

    ActivityApi(
            ActivityLog log,
            Retention retention,
            Checkpoints checkpoints,
            Accounts accounts,
            Lists lists,
            JsonMapper json,
            Clock clock) {
        this.log = log;
        this.retention = retention;
        this.checkpoints = checkpoints;
        this.accounts = accounts;
        this.lists = lists;
        this.json = json;
        this.clock = clock;
    }

    /**
     * An entry of the log.
     *
     * @param person whom it is about
     * @param repeats how often it happened; more than once for refusals that are counted together
     * @param details what the kind of entry says beside that
     */
    record ActivityView(
            long sequence,
            Instant at,
            String kind,
            @Nullable String person,
            String actor,
            String door,
            String address,
            String browser,
            String requestId,
            long repeats,
            Instant lastAt,
            JsonNode details) {}

    /**
     * A checkpoint of the log: docs/log-format.md says what is signed.
     *
     * @param sealedAt milliseconds since 1970, as it is signed
     * @param hash what the next one signs as {@code previous}
     */
    record CheckpointView(
            long number,
            long sealedAt,
            String keyId,
            String previous,
            long count,
            long firstSequence,
            long lastSequence,
            long firstAt,
            long lastAt,
            long high,
            long settled,
            long prunedThrough,
            long prunedEntries,
            String prunedHash,
            String entriesHash,
            String signature,
            String hash) {}

    /** For how many days entries are kept; 0 for ever. */
    record RetentionView(int days) {}

    @GetMapping("/api/v1/activity")
    @Access(value = Access.Level.API, needs = Permission.VIEW_ACTIVITY)
    @Operation("The log, newest first, by person, actor, kind, time and address.")
    ResponseEntity<Page<ActivityView>> listActivity(
            @RequestParam(name = "person", required = false) @Nullable String person,
            @RequestParam(name = "actor", required = false) @Nullable String actor,
            @RequestParam(name = "kind", required = false) @Nullable String kind,
            @RequestParam(name = "from", required = false) @Nullable String from,
            @RequestParam(name = "to", required = false) @Nullable String to,
            @RequestParam(name = "address", required = false) @Nullable String address,
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        ActivityFilter filter = filter(person, actor, kind, from, to, address);
        return lists.page(
                "activity " + filter,
                limit,
                cursor,
                request,
                entry -> Long.toString(entry.sequence()),
                (after, most) ->
                        log
                                .before(
                                        environment,
                                        filter,
                                        after.map(Long::parseLong).orElse(Long.MAX_VALUE),
                                        most)
                                .stream()
                                .map(this::view)
                                .toList());
    }

    @GetMapping(path = "/api/v1/activity/export", produces = MediaType.APPLICATION_NDJSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.VIEW_ACTIVITY)
    @Operation("The log as JSON lines, filtered like the list. With Accept: text/csv as a table.")
    void exportActivity(
            @RequestParam(name = "person", required = false) @Nullable String person,
            @RequestParam(name = "actor", required = false) @Nullable String actor,
            @RequestParam(name = "kind", required = false) @Nullable String kind,
            @RequestParam(name = "from", required = false) @Nullable String from,
            @RequestParam(name = "to", required = false) @Nullable String to,
            @RequestParam(name = "address", required = false) @Nullable String address,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ActivityFilter filter = filter(person, actor, kind, from, to, address);
        response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
        response.setHeader("Content-Disposition", "attachment; filename=\"activity.jsonl\"");
        OutputStream out = new BufferedOutputStream(response.getOutputStream(), 1 << 16);
        log.forEach(environment(request), filter, entry -> write(entry, out));
        out.flush();
    }

    @GetMapping(path = "/api/v1/activity/export", produces = "text/csv")
    @Access(value = Access.Level.API, needs = Permission.VIEW_ACTIVITY)
    @Operation("The log as a table, filtered like the list.")
    void exportActivityTable(
            @RequestParam(name = "person", required = false) @Nullable String person,
            @RequestParam(name = "actor", required = false) @Nullable String actor,
            @RequestParam(name = "kind", required = false) @Nullable String kind,
            @RequestParam(name = "from", required = false) @Nullable String from,
            @RequestParam(name = "to", required = false) @Nullable String to,
            @RequestParam(name = "address", required = false) @Nullable String address,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ActivityFilter filter = filter(person, actor, kind, from, to, address);
        response.setContentType("text/csv;charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"activity.csv\"");
        Writer out = response.getWriter();
        log.forEach(
                environment(request),
                filter,
                ActivityExport.to(
                        out,
                        ActivityExport.Format.CSV,
                        id -> accounts.find(id).map(Account::username).orElse("")));
        out.flush();
    }

    private void write(ActivityEntry entry, OutputStream out) {
        try {
            out.write(json.writeValueAsBytes(view(entry)));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GetMapping("/api/v1/activity/checkpoints")
    @Access(value = Access.Level.API, needs = Permission.VIEW_ACTIVITY)
    @Operation(
            "The signed checkpoints of the log, newest first: keep them elsewhere to prove that nothing was removed.")
    ResponseEntity<Page<CheckpointView>> listCheckpoints(
            @RequestParam(name = "limit", required = false) @Nullable Integer limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        EnvironmentId environment = environment(request);
        return lists.page(
                "checkpoints",
                limit,
                cursor,
                request,
                checkpoint -> Long.toString(checkpoint.number()),
                (after, most) ->
                        checkpoints
                                .before(environment, after.map(Long::parseLong).orElse(Long.MAX_VALUE), most)
                                .stream()
                                .map(ActivityApi::view)
                                .toList());
    }

    private static CheckpointView view(Checkpoint checkpoint) {
        return new CheckpointView(
                checkpoint.number(),
                checkpoint.sealedAt(),
                checkpoint.keyId(),
                checkpoint.previous(),
                checkpoint.count(),
                checkpoint.firstSequence(),
                checkpoint.lastSequence(),
                checkpoint.firstAt(),
                checkpoint.lastAt(),
                checkpoint.high(),
                checkpoint.settled(),
                checkpoint.prunedThrough(),
                checkpoint.prunedEntries(),
                checkpoint.prunedHash(),
                checkpoint.entriesHash(),
                checkpoint.signature(),
                checkpoint.hash());
    }

    @GetMapping("/api/v1/activity/retention")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("For how long entries of the log are kept.")
    RetentionView getRetention(HttpServletRequest request) {
        return new RetentionView(retention.settings(environment(request)).days());
    }

    @PutMapping(path = "/api/v1/activity/retention", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(value = "Set for how long entries of the log are kept.", problems = ProblemType.INVALID_VALUE)
    RetentionView setRetention(@RequestBody RetentionView body, HttpServletRequest request) {
        if (!ActivitySettings.isAllowed(body.days())) {
            throw Refusal.of(
                    ProblemType.INVALID_VALUE,
                    "days",
                    "days is " + ActivitySettings.FEWEST_DAYS + " to " + ActivitySettings.MOST_DAYS
                            + ", or 0 for ever.");
        }
        ApiCaller caller = ApiCaller.of(request);
        retention.change(
                environment(request),
                ActivitySettings.ofDays(body.days()),
                caller.actor(),
                caller.origin(),
                clock.instant());
        return getRetention(request);
    }

    private static ActivityFilter filter(
            @Nullable String person,
            @Nullable String actor,
            @Nullable String kind,
            @Nullable String from,
            @Nullable String to,
            @Nullable String address) {
        return new ActivityFilter(
                Optional.ofNullable(person)
                        .map(text -> new AccountId(Identifiers.find(text)
                                .orElseThrow(
                                        () -> Refusal.of(ProblemType.INVALID_REQUEST, "person", "person is an id")))),
                text("actor", actor),
                text("kind", kind),
                Bodies.instant("from", from),
                Bodies.instant("to", to),
                text("address", address));
    }

    private static Optional<String> text(String field, @Nullable String typed) {
        if (typed != null && (typed.isEmpty() || typed.length() > LONGEST)) {
            throw Refusal.of(ProblemType.INVALID_REQUEST, field, field + " has 1 to " + LONGEST + " characters");
        }
        return Optional.ofNullable(typed);
    }

    private ActivityView view(ActivityEntry entry) {
        return new ActivityView(
                entry.sequence(),
                entry.at(),
                entry.kind(),
                entry.account().map(AccountId::value).orElse(null),
                entry.actorName(),
                entry.origin().door(),
                entry.origin().address(),
                entry.origin().browser(),
                entry.origin().requestId(),
                entry.repeats(),
                entry.lastAt(),
                json.readTree(entry.details()));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }
}
