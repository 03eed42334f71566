package dev.countersign.moving;

import dev.countersign.administration.Administrator;
import dev.countersign.directory.Account;
import dev.countersign.directory.AccountSource;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what some hundred items of a file come to, against what is there in the running transaction: a few queries for all
 * of them. It changes nothing but what {@link GroupBook} creates.
 */
final class Planner {
    private final Parts parts;
    private final Administrator by;
    private final MovingIn.Options options;
    private final Instant now;
    private final Newcomers.Part part;
    /** What earlier batches of this file held; this one is added when it is done. */
    private final Seen before;

    private final GroupBook book;
    private final Map<String, Account> accounts = new HashMap<>();
    private final Set<String> shapes = new HashSet<>();
    private final Map<String, AccountId> apps = new HashMap<>();
    private Set<Newcomers.Membership> memberships = Set.of();
    private Set<AccountId> havePassword = Set.of();
    private Set<AccountId> haveApp = Set.of();

    private final Set<String> keysHere = new HashSet<>();
    private final Set<String> shapesHere = new HashSet<>();
    private final Set<String> appsHere = new HashSet<>();

    /** What a planner reads. */
    record Parts(Newcomers newcomers, Accounts accounts, Groups groups, Passwords passwords, Apps apps) {}

    /** What is known of the items of a file that were done already. */
    record Seen(Fingerprints keys, Fingerprints shapes, Fingerprints apps) {
        static Seen nothing() {
            return new Seen(new Fingerprints(), new Fingerprints(), new Fingerprints());
        }
    }

    Planner(Parts parts, Administrator by, MovingIn.Options options, Newcomers.Part part, Instant now, Seen before) {
        this.parts = parts;
        this.by = by;
        this.options = options;
        this.now = now;
        this.part = part;
        this.before = before;
        this.book = new GroupBook(
                parts.newcomers().groups(by.environment()),
                options.dryRun() ? Optional.empty() : Optional.of(parts.groups()),
                by,
                now);
    }

    GroupBook book() {
        return book;
    }

    /** Reads what there is about these. */
    void read(List<Candidate> candidates) {
        accounts.putAll(parts.newcomers()
                .byKey(
                        by.environment(),
                        candidates.stream().map(one -> one.name().key()).toList()));
        shapes.addAll(parts.newcomers()
                .shapesTaken(
                        by.environment(),
                        candidates.stream().map(one -> one.name().shape()).toList()));
        List<AccountId> ids = accounts.values().stream().map(Account::id).toList();
        memberships = parts.newcomers().memberships(ids);
        havePassword = parts.passwords().having(ids);
        haveApp = parts.apps().having(ids);
        apps.putAll(parts.apps()
                .ownersOf(candidates.stream()
                        .flatMap(one -> one.app().stream())
                        .map(OtpauthUri.App::secret)
                        .toList()));
    }

    private String fingerprint(OtpauthUri.App app) {
        return parts.apps().fingerprint(app.secret());
    }

    Plan plan(Candidate candidate) {
        Optional<Reason> problem = problem(candidate);
        if (problem.isPresent()) {
            return refused(candidate, problem.get());
        }
        Optional<Account> there =
                Optional.ofNullable(accounts.get(candidate.name().key()));
        Plan plan = there.isPresent() ? change(candidate, there.get()) : add(candidate);
        if (!(plan.verdict() instanceof Verdict.Refused)) {
            keysHere.add(candidate.name().key());
            shapesHere.add(candidate.name().shape());
            candidate.app().ifPresent(app -> appsHere.add(fingerprint(app)));
        }
        return plan;
    }

    /** A line that was planned is not done here, and so is nothing earlier for another. */
    void leaveOut(Plan plan) {
        Optional<Candidate> candidate = switch (plan) {
            case Plan.Add add -> Optional.of(add.candidate());
            case Plan.Change change -> Optional.of(change.candidate());
            case Plan.Nothing _ -> Optional.empty();
        };
        candidate.ifPresent(one -> {
            keysHere.remove(one.name().key());
            shapesHere.remove(one.name().shape());
            one.app().ifPresent(app -> appsHere.remove(fingerprint(app)));
        });
    }

    /** What was done is from now on something earlier. */
    void remember() {
        keysHere.forEach(before.keys()::add);
        if (options.dryRun()) {
            shapesHere.forEach(before.shapes()::add);
            appsHere.forEach(before.apps()::add);
        }
    }

    private static Plan refused(Candidate candidate, Reason reason) {
        return new Plan.Nothing(
                new Verdict.Refused(candidate.line(), candidate.name().display(), reason));
    }

    /** What is wrong whether the account exists or not. */
    private Optional<Reason> problem(Candidate candidate) {
        String key = candidate.name().key();
        if (keysHere.contains(key) || before.keys().contains(key)) {
            return Optional.of(Reason.of(Reason.Code.USERNAME_TWICE));
        }
        boolean gives =
                candidate.groups().stream().anyMatch(path -> !book.rolesOf(path).isEmpty());
        if (gives && !options.rolesAllowed(by)) {
            return Optional.of(Reason.of(Reason.Code.GROUP_GIVES_ROLE));
        }
        if (candidate.groups().stream().anyMatch(book::closesCircle)) {
            return Optional.of(Reason.of(Reason.Code.GROUP_CIRCLE));
        }
        return candidate
                        .app()
                        .filter(app -> isOfAnother(app, accounts.get(key)))
                        .isPresent()
                ? Optional.of(Reason.of(Reason.Code.APP_OF_ANOTHER))
                : Optional.empty();
    }

    private boolean isOfAnother(OtpauthUri.App app, @org.jspecify.annotations.Nullable Account account) {
        String fingerprint = fingerprint(app);
        AccountId owner = apps.get(fingerprint);
        boolean others = owner != null && (account == null || !owner.equals(account.id()));
        return others || appsHere.contains(fingerprint) || before.apps().contains(fingerprint);
    }

    private Plan add(Candidate candidate) {
        String shape = candidate.name().shape();
        if (shapes.contains(shape)
                || shapesHere.contains(shape)
                || before.shapes().contains(shape)) {
            return refused(candidate, Reason.of(Reason.Code.USERNAME_TAKEN_LOOK));
        }
        if (candidate.email().isEmpty()) {
            return refused(candidate, Reason.of(Reason.Code.EMAIL_MISSING));
        }
        Role role = candidate.role().orElse(Role.USER);
        if (role != Role.USER && !options.rolesAllowed(by)) {
            return refused(candidate, Reason.of(Reason.Code.ROLE_NOT_FROM_FILE));
        }
        NewAccount typed = new NewAccount(
                candidate.name().display(),
                candidate.displayName().orElseGet(() -> candidate.name().display()),
                candidate.email().get(),
                role,
                AccountSource.IMPORT);
        Newcomers.Newcomer newcomer = parts.newcomers()
                .newcomer(
                        by.environment(),
                        candidate.name(),
                        typed,
                        candidate.locale(),
                        candidate.disabled().orElse(false),
                        candidate.app().isPresent(),
                        part,
                        now);
        return new Plan.Add(
                candidate,
                newcomer,
                new Verdict.Created(candidate.line(), candidate.name().display()));
    }

    private Plan change(Candidate candidate, Account account) {
        List<List<Username>> groups = missingGroups(candidate, account);
        Set<Plan.Field> fields = differing(candidate, account);
        if (!groups.isEmpty()) {
            fields.add(Plan.Field.GROUPS);
        }
        if (fields.isEmpty()) {
            return new Plan.Nothing(new Verdict.Unchanged(candidate.line(), account.username()));
        }
        if (fields.contains(Plan.Field.ROLE) && !options.rolesAllowed(by)) {
            return refused(candidate, Reason.of(Reason.Code.ROLE_NOT_FROM_FILE));
        }
        if (!by.rights().cover(parts.accounts().rights(account))) {
            return refused(candidate, Reason.of(Reason.Code.MORE_RIGHTS_THAN_YOU));
        }
        String what = fields.stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return new Plan.Change(
                candidate, account, fields, groups, new Verdict.Changed(candidate.line(), account.username(), what));
    }

    private List<List<Username>> missingGroups(Candidate candidate, Account account) {
        List<List<Username>> missing = new ArrayList<>();
        for (List<Username> path : candidate.groups()) {
            boolean member = book.find(path)
                    .map(group -> memberships.contains(new Newcomers.Membership(group, account.id())))
                    .orElse(false);
            if (!member) {
                missing.add(path);
            }
        }
        return missing;
    }

    /** Factors that are there stay as they are, unless replacing them was asked for. */
    private Set<Plan.Field> differing(Candidate candidate, Account account) {
        Set<Plan.Field> fields = Plan.Field.none();
        if (differs(candidate.email(), account.email())) {
            fields.add(Plan.Field.EMAIL);
        }
        if (differs(candidate.displayName(), account.displayName())) {
            fields.add(Plan.Field.NAME);
        }
        if (candidate.locale().isPresent() && !candidate.locale().equals(account.locale())) {
            fields.add(Plan.Field.LOCALE);
        }
        if (differs(candidate.role(), account.role())) {
            fields.add(Plan.Field.ROLE);
        }
        if (differs(candidate.disabled(), account.isDisabled())) {
            fields.add(Plan.Field.DISABLED);
        }
        boolean otherPassword = candidate.password().isPresent()
                && (!havePassword.contains(account.id())
                        || (options.replaceFactors()
                                && !parts.passwords()
                                        .isStored(
                                                account.id(),
                                                candidate.password().get().password())));
        if (otherPassword) {
            fields.add(Plan.Field.PASSWORD);
        }
        boolean otherApp = candidate.app().isPresent()
                && (!haveApp.contains(account.id())
                        || (options.replaceFactors()
                                && !account.id()
                                        .equals(apps.get(
                                                fingerprint(candidate.app().get())))));
        if (otherApp) {
            fields.add(Plan.Field.APP);
        }
        return fields;
    }

    private static <T> boolean differs(Optional<T> wanted, T there) {
        return wanted.isPresent() && !wanted.get().equals(there);
    }

    /** Whether a change could take rights from someone, or give them: such a change is made alone, under guard. */
    boolean isDelicate(Plan plan) {
        return switch (plan) {
            case Plan.Add _, Plan.Nothing _ -> false;
            case Plan.Change change ->
                change.fields().contains(Plan.Field.ROLE)
                        || !parts.accounts()
                                .rights(change.account())
                                .permissions()
                                .isEmpty();
        };
    }
}
