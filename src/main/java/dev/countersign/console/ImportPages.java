package dev.countersign.console;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.moving.Counts;
import dev.countersign.moving.GroupFile;
import dev.countersign.moving.ImportFile;
import dev.countersign.moving.ImportFiles;
import dev.countersign.moving.MovingIn;
import dev.countersign.moving.Reason;
import dev.countersign.moving.Verdict;
import dev.countersign.web.Access;
import dev.countersign.web.FreshFactor;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;

/** People and groups from a file: given, looked at, confirmed, and then how far it is. */
@Controller
final class ImportPages {
    private static final int SHOWN = 100;
    private static final int NEWEST = 10;
    private static final String PEOPLE = "/console/people/import";
    private static final String GROUPS = "/console/groups/import";

    /** What a line may change of someone. */
    private static final Map<String, String> FIELDS = Map.of(
            "email", "import.field-email",
            "name", "import.field-name",
            "locale", "import.field-locale",
            "groups", "import.field-groups",
            "password", "import.field-password",
            "app", "import.field-app",
            "disabled", "import.field-disabled",
            "role", "import.field-role");

    private final ImportFiles files;
    private final Entitlements entitlements;
    private final FreshFactor fresh;
    private final Clock clock;

    ImportPages(ImportFiles files, Entitlements entitlements, FreshFactor fresh, Clock clock) {
        this.files = files;
        this.entitlements = entitlements;
        this.fresh = fresh;
        this.clock = clock;
    }

    /** A line of a file and what comes of it; {@code fields} are keys. */
    record Line(long number, String name, String key, List<String> fields, String reasonKey, Object[] reasonArguments) {
        static Line of(Verdict verdict) {
            return switch (verdict) {
                case Verdict.Created(long line, String name) -> none(line, name, "import.created", List.of());
                case Verdict.Changed(long line, String name, String what) ->
                    none(line, name, "import.changed", fields(what));
                case Verdict.Unchanged(long line, String name) -> none(line, name, "import.unchanged", List.of());
                case Verdict.Refused(long line, String name, Reason reason) ->
                    new Line(
                            line,
                            name,
                            "import.refused",
                            List.of(),
                            reason.messageKey(),
                            reason.arguments().toArray());
            };
        }

        private static Line none(long line, String name, String key, List<String> fields) {
            return new Line(line, name, key, fields, "", new Object[0]);
        }

        private static List<String> fields(String what) {
            return Stream.of(what.split(", ", -1))
                    .map(field -> Optional.ofNullable(FIELDS.get(field)).orElse("import.changed"))
                    .toList();
        }
    }

    /** A file that was taken in. */
    record Earlier(String id, String name, String by, Instant at, String stateKey, String look, Counts counts) {
        static Earlier of(ImportFile file) {
            return new Earlier(
                    file.id(),
                    file.name(),
                    file.giverName(),
                    file.startedAt().orElse(file.createdAt()),
                    stateOf(file),
                    !file.isFinished() ? "tag-plain" : isWhole(file) ? "tag-good" : "tag-warn",
                    file.counts());
        }

        private static boolean isWhole(ImportFile file) {
            return file.problem().isEmpty() && file.counts().refused() == 0;
        }
    }

    private static String stateOf(ImportFile file) {
        if (!file.isFinished()) {
            return "job.state-running";
        }
        return file.problem().isEmpty() ? "job.state-finished" : "job.state-stopped";
    }

    // The file

    @GetMapping({PEOPLE, GROUPS})
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView start(HttpServletRequest request) {
        return start(isOfGroups(request), Optional.empty(), request);
    }

    private static boolean isOfGroups(HttpServletRequest request) {
        return request.getRequestURI().startsWith(GROUPS);
    }

    private ModelAndView start(boolean ofGroups, Optional<String> problem, HttpServletRequest request) {
        Map<String, Object> model = model(ofGroups);
        model.put("mayReplace", SignedIn.of(request).rights().may(Permission.RESET_FACTORS));
        model.put("most", ImportFiles.LARGEST);
        model.put(
                "earlier",
                files.newest(environment(request), ofGroups, NEWEST).stream()
                        .map(Earlier::of)
                        .toList());
        ModelAndView page = new ModelAndView("console/import", model);
        problem.or(() -> notEntitled(request)).ifPresent(key -> page.addObject("problem", key));
        problem.ifPresent(_ -> page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT));
        return page;
    }

    private static Map<String, Object> model(boolean ofGroups) {
        Map<String, Object> model = new HashMap<>();
        model.put("ofGroups", ofGroups);
        model.put("base", ofGroups ? GROUPS : PEOPLE);
        return model;
    }

    /** What the licence says against taking a file in, before anybody waits for it. */
    private Optional<String> notEntitled(HttpServletRequest request) {
        return entitlements.allows(environment(request), Feature.IMPORT, 0, clock.instant())
                        instanceof dev.countersign.entitlement.Verdict.Refused why
                ? Optional.of(why.messageKey())
                : Optional.empty();
    }

    /** Keeps what was sent, and goes on to what it would change. */
    @PostMapping({PEOPLE, GROUPS})
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView give(
            @RequestParam(name = "file", required = false) @Nullable MultipartFile file,
            @RequestParam(name = "text", defaultValue = "") String text,
            @RequestParam(name = "replace", defaultValue = "") String replace,
            HttpServletRequest request)
            throws IOException {
        boolean ofGroups = isOfGroups(request);
        Optional<Given> given = given(file, text);
        if (given.isEmpty()) {
            return start(ofGroups, Optional.of("problem.import-nothing"), request);
        }
        Optional<ImportFile.Kind> kind =
                ofGroups ? Optional.of(ImportFile.Kind.GROUPS) : given.get().people();
        if (kind.isEmpty()) {
            return start(ofGroups, Optional.of("problem.import-kind"), request);
        }
        return files.keep(
                        by(request),
                        kind.get(),
                        !replace.isEmpty(),
                        given.get().name(),
                        given.get().content(),
                        clock.instant())
                .fold(
                        kept -> Redirects.to(base(kept) + "/" + kept.id()),
                        why -> start(ofGroups, Optional.of(problemOf(why)), request));
    }

    /** A file, or what was pasted instead of one. */
    private record Given(String name, Optional<ImportFile.Kind> people, InputStream content) {}

    private static Optional<Given> given(@Nullable MultipartFile file, String text) throws IOException {
        if (file != null && !file.isEmpty()) {
            String name = Optional.ofNullable(file.getOriginalFilename()).orElse("");
            return Optional.of(
                    new Given(name, MovingIn.Format.ofFileName(name).map(ImportFile.Kind::of), file.getInputStream()));
        }
        return text.isBlank()
                ? Optional.empty()
                : Optional.of(new Given(
                        "–",
                        Optional.of(kindOf(text)),
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
    }

    /** What was pasted: JSON begins with a brace. */
    private static ImportFile.Kind kindOf(String text) {
        return text.stripLeading().startsWith("{") ? ImportFile.Kind.JSONL : ImportFile.Kind.CSV;
    }

    private static String problemOf(Refusal why) {
        return why == Refusal.TOO_MANY ? "error.413.text" : why.messageKey();
    }

    private static String base(ImportFile file) {
        return file.kind() == ImportFile.Kind.GROUPS ? GROUPS : PEOPLE;
    }

    // What it would change, and how far it is

    @GetMapping({PEOPLE + "/{id}", GROUPS + "/{id}"})
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView show(
            @PathVariable("id") String id,
            @RequestParam(name = "after", defaultValue = "") String after,
            HttpServletRequest request)
            throws IOException {
        ImportFile file = find(id, request);
        if (file.isStarted()) {
            return progress(file, after.matches("\\d{1,18}") ? Long.parseLong(after) : 0);
        }
        return fresh.isShown(request)
                ? preview(file, Optional.empty(), request)
                : FreshFactor.ask(base(file) + "/" + file.id());
    }

    private ImportFile find(String id, HttpServletRequest request) {
        return Optional.of(id)
                .filter(Identifiers::isOne)
                .flatMap(typed -> files.find(environment(request), typed))
                .filter(file -> (file.kind() == ImportFile.Kind.GROUPS) == isOfGroups(request))
                .filter(file -> file.isStarted() || isGiver(file, request))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** What is not confirmed yet is nobody's but whoever gave it. */
    private static boolean isGiver(ImportFile file, HttpServletRequest request) {
        Account me = SignedIn.of(request).account();
        return file.giver().equals(me.id());
    }

    private ModelAndView preview(ImportFile file, Optional<String> problem, HttpServletRequest request)
            throws IOException {
        Instant now = clock.instant();
        ModelAndView page = file.kind() == ImportFile.Kind.GROUPS
                ? previewGroups(files.previewGroups(by(request), file, now))
                : previewPeople(files.previewPeople(by(request), file, now));
        page.addAllObjects(model(file.kind() == ImportFile.Kind.GROUPS));
        page.addObject("id", file.id());
        page.addObject("name", file.name());
        page.addObject("replace", file.replaceFactors());
        problem.or(() -> notEntitled(request)).ifPresent(key -> page.addObject("problem", key));
        return page;
    }

    private static ModelAndView previewPeople(MovingIn.Result result) {
        return switch (result) {
            case MovingIn.Result.Done done ->
                preview("console/import-people", done.counts(), done.broken(), done.examples());
            case MovingIn.Result.Refused _ -> throw new ResponseStatusException(HttpStatus.FORBIDDEN);
            case MovingIn.Result.Elsewhere() -> throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        };
    }

    private static ModelAndView previewGroups(GroupFile.Result result) {
        return switch (result) {
            case GroupFile.Result.Done done -> {
                ModelAndView page = preview("console/import-groups", done.counts(), done.broken(), done.examples());
                page.addObject("gains", done.gains());
                yield page;
            }
            case GroupFile.Result.Refused _ -> throw new ResponseStatusException(HttpStatus.FORBIDDEN);
        };
    }

    private static ModelAndView preview(
            String template, Counts counts, Optional<String> broken, List<Verdict> examples) {
        ModelAndView page = new ModelAndView(template);
        page.addObject("counts", counts);
        page.addObject("broken", broken.orElse(null));
        page.addObject("changes", lines(examples, false));
        page.addObject("refusals", lines(examples, true));
        return page;
    }

    private static List<Line> lines(List<Verdict> examples, boolean refused) {
        return examples.stream()
                .filter(verdict -> refused == verdict instanceof Verdict.Refused)
                .filter(verdict -> !(verdict instanceof Verdict.Unchanged))
                .limit(SHOWN)
                .map(Line::of)
                .toList();
    }

    private ModelAndView progress(ImportFile file, long after) {
        List<MovingIn.NumberedRefusal> refusals = files.refusals(file, after, SHOWN + 1);
        Map<String, Object> model = model(file.kind() == ImportFile.Kind.GROUPS);
        model.put("file", Earlier.of(file));
        model.put("running", !file.isFinished());
        model.put("percent", file.percent());
        model.put("broken", file.problem().isEmpty() ? null : file.problem());
        model.put(
                "refusals",
                refusals.stream()
                        .limit(SHOWN)
                        .map(one -> Line.of(one.refusal()))
                        .toList());
        if (refusals.size() > SHOWN) {
            model.put("next", refusals.get(SHOWN - 1).number());
        }
        return new ModelAndView("console/import-run", model);
    }

    @PostMapping({PEOPLE + "/{id}", GROUPS + "/{id}"})
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView begin(@PathVariable("id") String id, HttpServletRequest request) throws IOException {
        ImportFile file = find(id, request);
        String here = base(file) + "/" + file.id();
        if (file.isStarted()) {
            return Redirects.to(here);
        }
        if (!fresh.isShown(request)) {
            return FreshFactor.ask(here);
        }
        Optional<String> problem = notEntitled(request)
                .or(() -> files.begin(by(request), file, clock.instant())
                        .fold(_ -> Optional.empty(), why -> Optional.of(why.messageKey())));
        return problem.isPresent() ? preview(file, problem, request) : Redirects.to(here);
    }

    /** Forgets a file that shall not be taken in after all. */
    @PostMapping({PEOPLE + "/{id}/discard", GROUPS + "/{id}/discard"})
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_PEOPLE)
    ModelAndView discard(@PathVariable("id") String id, HttpServletRequest request) {
        ImportFile file = find(id, request);
        files.discard(file);
        return Redirects.to(base(file));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }

    private static Administrator by(HttpServletRequest request) {
        return Acting.of(SignedIn.of(request), RequestFacts.of(request));
    }
}
