package dev.countersign.moving;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.administration.Administrator;
import dev.countersign.administration.Refusal;
import dev.countersign.directory.Account;
import dev.countersign.directory.AccountSource;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.factor.Answer;
import dev.countersign.factor.Attempt;
import dev.countersign.factor.Factors;
import dev.countersign.factor.Outcome;
import dev.countersign.factor.Subject;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.FactorKind;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Rights;
import dev.countersign.kernel.Role;
import dev.countersign.moving.MovingIn.Format;
import dev.countersign.moving.MovingIn.Options;
import dev.countersign.moving.MovingIn.Result;
import dev.countersign.people.People;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** People come in from files and go out to files, on both databases. */
class MovingInTest {
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

    /** A file that is one text. */
    private record TextSource(String text) implements MovingIn.Source {
        @Override
        public String name() {
            return "people";
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    abstract static class Contract {
        private static final String BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

        private final TestInstallation on;
        private final Environment environment;

        Contract(TestInstallation on) {
            this.on = on;
            this.environment = on.environment();
        }

        private Administrator operator() {
            return Administrator.operator(environment.id(), ACTOR, Origin.SYSTEM);
        }

        private Administrator person(Role role) {
            Account account = on.person(environment, TestInstallation.fresh("admin"), role);
            return new Administrator(
                    environment.id(), Optional.of(account.id()), Rights.of(List.of(role)), ACTOR, Origin.SYSTEM);
        }

        private Result.Done take(
                Administrator by, String text, Format format, boolean dryRun, boolean roles, boolean factors) {
            try {
                return (Result.Done) on.get(MovingIn.class)
                        .run(by, new TextSource(text), new Options(format, dryRun, roles, factors), NOW, _ -> {});
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        private Result.Done take(String text) {
            return take(operator(), text, Format.JSONL, false, false, false);
        }

        private Result.Done preview(String text) {
            return take(operator(), text, Format.JSONL, true, false, false);
        }

        private Account account(String username) {
            return on.get(Accounts.class)
                    .findByTypedName(environment.id(), username)
                    .orElseThrow();
        }

        private List<String> groupsOf(String username) {
            return on.get(Groups.class).groupsOf(account(username)).stream()
                    .map(Group::name)
                    .toList();
        }

        private Outcome verify(String username, FactorKind kind, String typed, Instant at) {
            Attempt attempt = new Attempt(environment.id(), Origin.SYSTEM, at);
            var factor = on.get(Factors.class).of(kind);
            return factor.verify(
                    factor.challenge(new Subject.Known(account(username).id()), attempt),
                    Answer.Typed.of(typed),
                    attempt);
        }

        private static String reason(Result.Done done) {
            return ((Verdict.Refused) done.examples().getLast()).reason().english();
        }

        private long people() {
            return on.count(
                    "SELECT count(*) FROM account WHERE environment_id = ?",
                    environment.id().value());
        }

        @Test
        void a_line_becomes_an_account_that_signs_in_with_what_it_had() {
            SecretBytes secret = on.get(Apps.class).newSecret();
            Result.Done done = take("""
                    {"username":"bea","email":"bea@northwind.example","name":"Bea Lindner","groups":["Sales","North"],\
                    "locale":"de-CH","passwordHash":"%s","totp":"otpauth://totp/X:bea?secret=%s&digits=8"}
                    {"username":"carl","email":"carl@northwind.example","disabled":true}
                    """.formatted(BCRYPT, dev.countersign.factor.totp.Base32.encode(secret)));
            assertThat(done.counts()).isEqualTo(new Counts(2, 0, 0, 0));
            assertThat(account("bea").displayName()).isEqualTo("Bea Lindner");
            assertThat(account("bea").locale()).contains("de");
            assertThat(account("bea").source()).isEqualTo(AccountSource.IMPORT);
            assertThat(account("bea").enrolledAt()).contains(NOW);
            assertThat(groupsOf("bea")).containsExactly("North", "Sales");
            assertThat(account("carl").isDisabled()).isTrue();
            assertThat(verify("bea", FactorKind.PASSWORD, "U*U", NOW)).isInstanceOf(Outcome.Accepted.class);
            Totp totp = new Totp(dev.countersign.vault.Hmac.SHA1, 8, java.time.Duration.ofSeconds(30));
            Instant later = NOW.plusSeconds(30);
            assertThat(verify("bea", FactorKind.TOTP, totp.code(secret, totp.step(later)), later))
                    .isInstanceOf(Outcome.Accepted.class);
            assertThat(verify("bea", FactorKind.TOTP, totp.code(secret, totp.step(NOW)), NOW))
                    .as("a code that may have been used where the person comes from")
                    .isInstanceOf(Outcome.Rejected.class);
            assertThat(on.log(environment)).contains("account-imported", "people-imported");
        }

        @Test
        void who_moved_in_is_found_by_name() {
            take("{\"username\":\"zoe\",\"email\":\"zoe@northwind.example\",\"name\":\"Zoë Martín\"}");
            assertThat(on.get(People.class)).isNotNull();
            assertThat(on.count(
                            "SELECT count(*) FROM account_word WHERE environment_id = ? AND word = 'martin'",
                            environment.id().value()))
                    .isEqualTo(1);
        }

        @Test
        void the_same_file_twice_changes_nothing() {
            String file = """
                    {"username":"bea","email":"bea@northwind.example","groups":["Sales"],"passwordHash":"%s"}
                    {"username":"carl","email":"carl@northwind.example"}
                    """.formatted(BCRYPT);
            take(file);
            int entries = on.log(environment).size();
            assertThat(take(file).counts()).isEqualTo(new Counts(0, 0, 2, 0));
            assertThat(on.log(environment)).as("only that it was tried").hasSize(entries + 1);
        }

        @Test
        void many_changes_are_several_transactions() throws IOException {
            StringBuilder before = new StringBuilder();
            StringBuilder after = new StringBuilder();
            int people = 6 * MovingIn.MOST_CHANGES;
            for (int i = 0; i < people; i++) {
                String line = "{\"username\":\"p%d\",\"email\":\"%s@northwind.example\"}\n";
                before.append(line.formatted(i, "before"));
                after.append(line.formatted(i, "after"));
            }
            take(before.toString());
            List<Long> done = new ArrayList<>();
            on.get(MovingIn.class)
                    .run(
                            operator(),
                            new TextSource(after.toString()),
                            new Options(Format.JSONL, false, false, false),
                            NOW,
                            counts -> done.add(counts.changed()));
            assertThat(done).last().isEqualTo((long) people);
            for (int i = 1; i < done.size(); i++) {
                assertThat(done.get(i) - done.get(i - 1)).isBetween(1L, (long) MovingIn.MOST_CHANGES);
            }
            assertThat(account("p0").email()).isEqualTo("after@northwind.example");
        }

        @Test
        void a_file_changes_what_it_says_and_takes_nothing_away() {
            take("""
                    {"username":"bea","email":"bea@northwind.example","name":"Bea","groups":["Sales"],"locale":"fr"}""");
            Result.Done done = take("""
                    {"username":"BEA","email":"lindner@northwind.example","groups":["North"],"disabled":true}""");
            assertThat(done.examples()).containsExactly(new Verdict.Changed(1, "bea", "email, groups, disabled"));
            assertThat(account("bea").email()).isEqualTo("lindner@northwind.example");
            assertThat(account("bea").displayName()).isEqualTo("Bea");
            assertThat(account("bea").locale()).contains("fr");
            assertThat(account("bea").isDisabled()).isTrue();
            assertThat(groupsOf("bea")).containsExactly("North", "Sales");
        }

        @Test
        void a_preview_says_the_same_and_changes_nothing() {
            take("{\"username\":\"bea\",\"email\":\"bea@northwind.example\"}");
            String file = """
                    {"username":"bea","email":"new@northwind.example","groups":["Sales"]}
                    {"username":"carl","email":"carl@northwind.example","groups":["Sales"]}
                    {"username":"dora"}
                    {"username":"Carl","email":"other@northwind.example"}
                    {"username":"cаrl","email":"other@northwind.example"}
                    """;
            Result.Done preview = preview(file);
            assertThat(people()).isEqualTo(1);
            assertThat(account("bea").email()).isEqualTo("bea@northwind.example");
            assertThat(on.get(Groups.class).all(environment.id())).isEmpty();
            assertThat(on.count(
                            "SELECT count(*) FROM import_run WHERE environment_id = ?",
                            environment.id().value()))
                    .isEqualTo(1);
            Result.Done done = take(file);
            assertThat(preview.examples()).isEqualTo(done.examples());
            assertThat(preview.counts()).isEqualTo(done.counts()).isEqualTo(new Counts(1, 1, 0, 3));
        }

        @Test
        void every_refused_line_says_why_and_nothing_of_it_stays() {
            String taken =
                    dev.countersign.factor.totp.Base32.encode(on.get(Apps.class).newSecret());
            take("{\"username\":\"bea\",\"email\":\"bea@northwind.example\",\"totp\":\"otpauth://totp/a?secret=" + taken
                    + "\"}");
            String rest = ",\"email\":\"x@northwind.example\"";
            List<String[]> cases = new ArrayList<>();
            cases.add(new String[] {"not json", "not a JSON object"});
            cases.add(new String[] {"[]", "not a JSON object"});
            cases.add(new String[] {"{\"email\":\"x@northwind.example\"}", "username is missing"});
            cases.add(new String[] {"{\"username\":7}", "must be text"});
            cases.add(new String[] {"{\"username\":\"a\",\"username\":\"b\"" + rest + "}", "not a JSON object"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"password\":\"x\"}", "no field “password”"});
            cases.add(new String[] {"{\"username\":\"a\",\"email\":\"nonsense\"}", "not a mail address"});
            cases.add(new String[] {"{\"username\":\"a\"}", "needs a mail address"});
            cases.add(new String[] {"{\"username\":\"a b\"" + rest + "}", "without spaces"});
            cases.add(new String[] {"{\"username\":\"a\\u0000\"" + rest + "}", "invisible"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"name\":\"a\\u0000b\"}", "visible"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"groups\":\"Sales\"}", "list of"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"groups\":[\"a\\u202eb\"]}", "No group"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"disabled\":\"yes\"}", "true or false"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"locale\":\"../x\"}", "not a language"});
            cases.add(
                    new String[] {"{\"username\":\"a\"" + rest + ",\"passwordHash\":\"secret\"}", "no password hash"});
            cases.add(new String[] {
                "{\"username\":\"a\"" + rest + ",\"passwordHash\":\"" + BCRYPT.replace("$05$", "$31$") + "\"}",
                "more memory or time"
            });
            cases.add(new String[] {
                "{\"username\":\"a\"" + rest + ",\"totp\":\"otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ\"}",
                "otpauth://totp"
            });
            cases.add(new String[] {
                "{\"username\":\"a\"" + rest + ",\"totp\":\"otpauth://totp/a?secret=GE\"}", "10 to 128 bytes"
            });
            cases.add(new String[] {
                "{\"username\":\"a\"" + rest + ",\"totp\":\"otpauth://totp/a?secret="
                        + taken.toLowerCase(java.util.Locale.ROOT).replaceAll("(.{4})", "$1 ") + "\"}",
                "Another account has the same app"
            });
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"role\":\"king\"}", "no role"});
            cases.add(new String[] {"{\"username\":\"a\"" + rest + ",\"role\":\"administrator\"}", "--allow-roles"});
            cases.add(new String[] {"{\"username\":\"a\",\"groups\":" + "[".repeat(50_000), "not a JSON object"});
            cases.add(new String[] {"{\"username\":\"" + "a".repeat(70_000) + "\"}", "longer than 64 KiB"});
            for (String[] one : cases) {
                Result.Done done = take(one[0]);
                assertThat(done.counts()).as("%.100s", one[0]).isEqualTo(new Counts(0, 0, 0, 1));
                assertThat(reason(done)).contains(one[1]);
            }
            assertThat(people()).isEqualTo(1);
            assertThat(on.get(Groups.class).all(environment.id())).isEmpty();
        }

        @Test
        void one_bad_line_keeps_no_other_from_coming_in_and_the_list_of_refused_ones_can_be_read() {
            Result.Done done = take("""
                    {"username":"bea","email":"bea@northwind.example"}

                    nonsense
                    {"username":"carl","email":"carl@northwind.example"}
                    {"username":"bea","email":"other@northwind.example"}
                    """);
            assertThat(done.counts()).isEqualTo(new Counts(2, 0, 0, 2));
            List<MovingIn.NumberedRefusal> refused =
                    on.get(MovingIn.class).refusals(environment.id(), done.run().orElseThrow(), 0, 10);
            assertThat(refused).extracting(one -> one.refusal().line()).containsExactly(3L, 5L);
            assertThat(refused.getLast().refusal().reason()).isEqualTo(Reason.of(Reason.Code.USERNAME_TWICE));
            assertThat(on.get(MovingIn.class)
                            .refusals(on.environment().id(), done.run().orElseThrow(), 0, 10))
                    .as("seen from another environment")
                    .isEmpty();
            assertThat(account("bea").email()).isEqualTo("bea@northwind.example");
        }

        @Test
        void an_import_that_failed_in_the_middle_goes_on_where_it_stopped() throws IOException {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 5_000; i++) {
                text.append("{\"username\":\"p").append(i).append("\",\"email\":\"p@northwind.example\"}\n");
            }
            MovingIn moving = on.get(MovingIn.class);
            Options options = new Options(Format.JSONL, false, false, false);
            TextSource source = new TextSource(text.toString());
            assertThatThrownBy(() -> moving.run(operator(), source, options, NOW, counts -> {
                        if (counts.all() >= 4_000) {
                            throw new IllegalStateException("the plug is pulled");
                        }
                    }))
                    .hasMessage("the plug is pulled");
            assertThat(people()).isEqualTo(4_000);
            Result.Done rest = (Result.Done) moving.run(operator(), source, options, NOW, _ -> {});
            assertThat(rest.resumedAfter()).isEqualTo(4_000);
            assertThat(rest.counts()).isEqualTo(new Counts(5_000, 0, 0, 0));
            assertThat(people()).isEqualTo(5_000);
            assertThat(on.log(environment).stream().filter("account-imported"::equals))
                    .hasSizeLessThanOrEqualTo(1_000);
        }

        @Test
        void factors_that_are_there_stay_unless_replacing_was_asked_for() {
            Account bea = on.person(environment, "bea", Role.USER);
            on.get(Passwords.class)
                    .set(
                            bea,
                            on.get(Passwords.class)
                                    .prepare(SecretText.of("correct horse battery"))
                                    .orElseThrow(),
                            Optional.empty(),
                            ACTOR,
                            Origin.SYSTEM,
                            NOW);
            SecretBytes own = on.get(Apps.class).newSecret();
            on.database()
                    .write(() ->
                            on.get(Apps.class).register(bea, own, Totp.DEFAULT.step(NOW), ACTOR, Origin.SYSTEM, NOW));
            String file = """
                    {"username":"bea","passwordHash":"%s","totp":"otpauth://totp/a?secret=%s"}""".formatted(
                    BCRYPT,
                    dev.countersign.factor.totp.Base32.encode(on.get(Apps.class).newSecret()));
            assertThat(take(file).counts()).isEqualTo(new Counts(0, 0, 1, 0));
            assertThat(verify("bea", FactorKind.PASSWORD, "correct horse battery", NOW))
                    .isInstanceOf(Outcome.Accepted.class);
            Result.Done replaced = take(operator(), file, Format.JSONL, false, false, true);
            assertThat(replaced.examples()).containsExactly(new Verdict.Changed(1, "bea", "password, app"));
            assertThat(verify("bea", FactorKind.PASSWORD, "U*U", NOW)).isInstanceOf(Outcome.Accepted.class);
            Instant later = NOW.plusSeconds(60);
            assertThat(verify("bea", FactorKind.TOTP, Totp.DEFAULT.code(own, Totp.DEFAULT.step(later)), later))
                    .isInstanceOf(Outcome.Rejected.class);
            assertThat(take(operator(), file, Format.JSONL, false, false, true).counts())
                    .as("replaced by the same")
                    .isEqualTo(new Counts(0, 0, 1, 0));
        }

        @Test
        void roles_come_from_the_command_line_alone() {
            String file = "{\"username\":\"ada\",\"email\":\"ada@northwind.example\",\"role\":\"administrator\"}";
            Administrator person = person(Role.ADMINISTRATOR);
            assertThat(take(person, file, Format.JSONL, false, true, false)
                            .counts()
                            .refused())
                    .isEqualTo(1);
            assertThat(take(operator(), file, Format.JSONL, false, true, false)
                            .counts()
                            .created())
                    .isEqualTo(1);
            assertThat(account("ada").role()).isEqualTo(Role.ADMINISTRATOR);
            Group admins = on.group(environment, "Admins");
            on.get(Groups.class)
                    .changeRole(environment.id(), admins, Optional.of(Role.ADMINISTRATOR), ACTOR, Origin.SYSTEM, NOW);
            String member = "{\"username\":\"eve\",\"email\":\"eve@northwind.example\",\"groups\":[\"admins\"]}";
            assertThat(reason(take(member))).contains("gives a role");
            assertThat(take(operator(), member, Format.JSONL, false, true, false)
                            .counts()
                            .created())
                    .isEqualTo(1);
        }

        @Test
        void a_preview_foresees_what_the_guard_refuses_line_by_line() {
            for (String name : List.of("ada", "max")) {
                Account admin = on.person(environment, name, Role.ADMINISTRATOR);
                on.get(Passwords.class)
                        .set(
                                admin,
                                on.get(Passwords.class)
                                        .prepare(SecretText.of("correct horse battery"))
                                        .orElseThrow(),
                                Optional.empty(),
                                ACTOR,
                                Origin.SYSTEM,
                                NOW);
            }
            String disables = """
                    {"username":"ada","disabled":true}
                    {"username":"bea","email":"bea@northwind.example"}
                    {"username":"max","disabled":true}
                    """;
            String demotes = """
                    {"username":"max","role":"user"}
                    {"username":"eve","email":"eve@northwind.example","role":"administrator","passwordHash":"%s"}
                    """.formatted(BCRYPT);
            for (String file : List.of(disables, demotes)) {
                Result.Done foreseen = take(operator(), file, Format.JSONL, true, true, false);
                Result.Done earnest = take(operator(), file, Format.JSONL, false, true, false);
                assertThat(foreseen.examples()).isEqualTo(earnest.examples());
                assertThat(foreseen.examples())
                        .filteredOn(Verdict.Refused.class::isInstance)
                        .singleElement()
                        .satisfies(refused -> assertThat(((Verdict.Refused) refused).reason())
                                .isEqualTo(Reason.of(Reason.Code.NOBODY_LEFT)));
            }
        }

        @Test
        void a_line_about_an_administrator_is_done_wherever_it_stands_in_the_file() {
            Account ada = on.person(environment, "ada", Role.ADMINISTRATOR);
            Result.Done done = take("""
                    {"username":"bea","email":"bea@northwind.example"}
                    {"username":"ada","email":"ada.new@northwind.example"}
                    {"username":"carl","email":"carl@northwind.example"}
                    """);
            assertThat(done.counts()).isEqualTo(new Counts(2, 1, 0, 0));
            assertThat(on.get(Accounts.class).get(ada.id()).email()).isEqualTo("ada.new@northwind.example");
        }

        @Test
        void nobody_changes_who_may_do_more() {
            on.person(environment, "ada", Role.ADMINISTRATOR);
            Account help = on.person(environment, "max", Role.USER);
            Administrator limited = new Administrator(
                    environment.id(),
                    Optional.of(help.id()),
                    new Rights(java.util.Set.of(dev.countersign.kernel.Permission.EDIT_PEOPLE)),
                    ACTOR,
                    Origin.SYSTEM);
            String file = "{\"username\":\"ada\",\"email\":\"taken@northwind.example\"}";
            assertThat(reason(take(limited, file, Format.JSONL, false, false, false)))
                    .contains("may do more than you");
            assertThat(account("ada").email()).isEqualTo("person@northwind.example");
        }

        @Test
        void the_last_administrator_stays() {
            Account ada = on.person(environment, "ada", Role.ADMINISTRATOR);
            on.get(Passwords.class)
                    .set(
                            ada,
                            on.get(Passwords.class)
                                    .prepare(SecretText.of("correct horse battery"))
                                    .orElseThrow(),
                            Optional.empty(),
                            ACTOR,
                            Origin.SYSTEM,
                            NOW);
            Result.Done done = take(operator(), """
                    {"username":"bea","email":"bea@northwind.example"}
                    {"username":"ada","email":"new@northwind.example","disabled":true}
                    {"username":"carl","email":"carl@northwind.example"}
                    """, Format.JSONL, false, true, false);
            assertThat(done.counts()).isEqualTo(new Counts(2, 0, 0, 1));
            assertThat(account("ada").isDisabled()).isFalse();
            assertThat(account("ada").email()).as("all or nothing").isEqualTo("person@northwind.example");
            assertThat(take(operator(), "{\"username\":\"ada\",\"role\":\"user\"}", Format.JSONL, false, true, false)
                            .counts()
                            .refused())
                    .isEqualTo(1);
        }

        @Test
        void who_may_not_edit_people_imports_nobody() throws IOException {
            assertThat(on.get(MovingIn.class)
                            .run(
                                    person(Role.AUDITOR),
                                    new TextSource("{}"),
                                    new Options(Format.JSONL, true, false, false),
                                    NOW,
                                    _ -> {}))
                    .isEqualTo(new Result.Refused(Refusal.NOT_ALLOWED));
        }

        @Test
        void a_table_comes_in_too() {
            Result.Done done = take(
                    operator(),
                    "\uFEFFUsername;Email;Name;Groups;Disabled\r\nbea;bea@northwind.example;\"Lindner; Bea\";\"Sales;North\";no\r\n"
                            + "carl;carl@northwind.example;'=SUM(A1);;yes\r\nx;y;z;a;b;c\r\n",
                    Format.CSV,
                    false,
                    false,
                    false);
            assertThat(done.counts()).isEqualTo(new Counts(2, 0, 0, 1));
            assertThat(account("bea").displayName()).isEqualTo("Lindner; Bea");
            assertThat(groupsOf("bea")).containsExactly("North", "Sales");
            assertThat(account("carl").displayName()).isEqualTo("=SUM(A1)");
            assertThat(account("carl").isDisabled()).isTrue();
        }

        @Test
        void what_is_exported_comes_in_again_unchanged_and_holds_no_secret_and_no_formula() throws IOException {
            take("""
                    {"username":"bea","email":"bea@northwind.example","name":"=cmd|' /C calc'!A0","groups":["Sales"],"passwordHash":"%s",\
                    "totp":"otpauth://totp/a?secret=%s","locale":"nl"}
                    {"username":"carl","email":"carl@northwind.example","name":"'quoted, \\"name\\"","disabled":true}
                    {"username":"+dora","email":"dora@northwind.example","name":"@dora;x"}
                    """.formatted(
                    BCRYPT,
                    dev.countersign.factor.totp.Base32.encode(on.get(Apps.class).newSecret())));
            for (MovingOut.Format format : MovingOut.Format.values()) {
                StringWriter file = new StringWriter();
                assertThat(on.get(MovingOut.class).people(operator(), format, file, NOW))
                        .contains(3L);
                String text = file.toString();
                assertThat(text).doesNotContain("$2a$").doesNotContain("secret").doesNotContain("otpauth");
                if (format == MovingOut.Format.CSV) {
                    assertThat(text.lines().skip(1).flatMap(line -> java.util.stream.Stream.of(line.split(","))))
                            .noneMatch(cell -> cell.replaceAll("^\"", "").matches("^[=+@-].*"));
                }
                Format in = format == MovingOut.Format.CSV ? Format.CSV : Format.JSONL;
                assertThat(take(operator(), text, in, false, false, false).counts())
                        .as(text)
                        .isEqualTo(new Counts(0, 0, 3, 0));
            }
            assertThat(on.get(MovingOut.class).people(person(Role.USER), MovingOut.Format.CSV, new StringWriter(), NOW))
                    .isEmpty();
        }

        @Test
        void groups_come_in_with_who_and_what_is_in_them_and_go_out_again() throws IOException {
            on.person(environment, "bea", Role.USER);
            String file = """
                    group,member,nested
                    Sales,bea,
                    Sales,,North
                    Sales,nobody,
                    North,,Sales
                    Sales,bea,North
                    a\u0000b,,
                    """;
            GroupFile.Result.Done preview = groupFile(file, true);
            assertThat(on.get(Groups.class).all(environment.id())).isEmpty();
            GroupFile.Result.Done done = groupFile(file, false);
            assertThat(done.counts()).isEqualTo(preview.counts()).isEqualTo(new Counts(2, 0, 0, 4));
            assertThat(groupsOf("bea")).containsExactly("Sales");
            assertThat(groupFile(file, false).counts()).isEqualTo(new Counts(0, 0, 2, 4));
            StringWriter out = new StringWriter();
            on.get(MovingOut.class).groups(operator(), out, NOW);
            assertThat(out.toString()).contains("Sales,bea,").contains("Sales,,North");
            GroupFile.Result.Done again = groupFile(out.toString(), false);
            assertThat(again.counts().created() + again.counts().refused())
                    .as(out.toString())
                    .isZero();
        }

        private GroupFile.Result.Done groupFile(String text, boolean dryRun) throws IOException {
            return (GroupFile.Result.Done)
                    on.get(GroupFile.class).run(operator(), new TextSource(text), dryRun, NOW, _ -> {});
        }

        @Test
        void a_realm_of_keycloak_comes_in_with_groups_passwords_and_apps() {
            Result.Done done = take(operator(), KeycloakRealmTest.REALM, Format.KEYCLOAK, false, false, false);
            assertThat(done.examples())
                    .filteredOn(Verdict.Refused.class::isInstance)
                    .hasSize(3);
            assertThat(done.counts()).isEqualTo(new Counts(3, 0, 0, 3));
            assertThat(account("bea").displayName()).isEqualTo("Bea Lindner");
            assertThat(groupsOf("bea")).containsExactly("Sales", "Sales/North");
            assertThat(on.get(Groups.class).nestings(environment.id())).hasSize(1);
            assertThat(on.get(Groups.class).findByName(environment.id(), "Empty"))
                    .isPresent();
            assertThat(verify("bea", FactorKind.PASSWORD, "correct horse", NOW)).isInstanceOf(Outcome.Accepted.class);
            assertThat(verify("carl", FactorKind.PASSWORD, "correct horse", NOW))
                    .isInstanceOf(Outcome.Accepted.class);
            SecretBytes secret = SecretBytes.of("mySecretFromKeycloak".getBytes(StandardCharsets.US_ASCII));
            Instant later = NOW.plusSeconds(30);
            assertThat(verify("bea", FactorKind.TOTP, Totp.DEFAULT.code(secret, Totp.DEFAULT.step(later)), later))
                    .isInstanceOf(Outcome.Accepted.class);
            assertThat(account("carl").isDisabled()).isTrue();
            assertThat(on.get(Passwords.class).mustChange(account("carl").id()))
                    .contains(Passwords.MustChange.REQUIRED);
        }
    }
}
