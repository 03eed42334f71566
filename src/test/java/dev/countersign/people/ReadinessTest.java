package dev.countersign.people;

import static dev.countersign.support.TestInstallation.ACTOR;
import static dev.countersign.support.TestInstallation.NOW;
import static dev.countersign.support.TestInstallation.created;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.NewAccount;
import dev.countersign.factor.password.Passwords;
import dev.countersign.figures.Day;
import dev.countersign.figures.Figures;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.people.Readiness.Verdict;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The readiness report and the figures over time, on both databases. */
class ReadinessTest {
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
        private static final Rules EVERYONE = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Everyone(), 0);

        private final TestInstallation on;
        private final Readiness readiness;
        private final Accounts accounts;
        private final Passwords.Prepared password;
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.readiness = on.get(Readiness.class);
            this.accounts = on.get(Accounts.class);
            this.password = on.get(Passwords.class)
                    .prepare(SecretText.of("correct horse battery"))
                    .orElseThrow();
            this.acme = on.environment();
        }

        @BeforeEach
        void newEnvironment() {
            acme = on.environment();
        }

        @Test
        void everyone_covered_has_one_verdict_and_the_numbers_are_those_of_the_lines() {
            signingIn("asked");
            Account has = signingIn("has");
            Account exempt = signingIn("exempt");
            on.person(acme, "no-password", Role.USER);
            Account off = signingIn("off");
            on.database().write(() -> {
                accounts.noteSecondFactor(has.id(), Optional.of(NOW));
                accounts.disable(off, ACTOR, Origin.SYSTEM, NOW);
            });
            on.get(Policies.class).exempt(exempt, "why", NOW.plusSeconds(60), ACTOR, Origin.SYSTEM, NOW);

            Readiness.Summary summary = readiness.summary(acme.id(), EVERYONE, NOW);
            assertThat(summary.of(Verdict.ASKED_TO_ENROL)).isEqualTo(1);
            assertThat(summary.of(Verdict.LOCKED_OUT)).isEqualTo(1);
            assertThat(summary.of(Verdict.FINE)).isEqualTo(2);
            assertThat(summary.total()).as("disabled accounts are left out").isEqualTo(4);
            assertThat(summary.addressNotConfirmed()).isEqualTo(4);
            assertThat(summary.neverSignedIn()).isEqualTo(4);
            assertThat(names(Optional.of(Verdict.LOCKED_OUT))).containsExactly("no-password");
            assertThat(names(Optional.of(Verdict.ASKED_TO_ENROL))).containsExactly("asked");
            assertThat(names(Optional.of(Verdict.FINE))).containsExactly("exempt", "has");
            assertThat(names(Optional.empty())).containsExactly("asked", "exempt", "has", "no-password");
        }

        @Test
        void it_knows_who_has_no_companion() throws IOException {
            Account has = signingIn("has");
            signingIn("none");
            Account off = signingIn("off");
            on.person(acme, "no-password", Role.USER);
            on.database().write(() -> {
                accounts.noteSecondFactor(has.id(), Optional.of(NOW));
                accounts.noteCompanion(has.id(), Optional.of(NOW));
                accounts.disable(off, ACTOR, Origin.SYSTEM, NOW);
            });
            assertThat(readiness.summary(acme.id(), EVERYONE, NOW).withoutCompanion())
                    .isEqualTo(2);
            assertThat(names(Readiness.Wanted.of(Companion.NONE))).containsExactly("no-password", "none");
            assertThat(names(Readiness.Wanted.of(Companion.PAIRED))).containsExactly("has");
            assertThat(names(new Readiness.Wanted(Optional.of(Verdict.LOCKED_OUT), Optional.of(Companion.NONE))))
                    .containsExactly("no-password");
            Rules one = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(), Set.of(has.id())), 0);
            assertThat(readiness.lines(acme.id(), one, Readiness.Wanted.of(Companion.NONE), "", 9, NOW))
                    .isEmpty();
            ByteArrayOutputStream csv = new ByteArrayOutputStream();
            on.get(ReadinessExport.class).csv(acme.id(), EVERYONE, Readiness.Wanted.of(Companion.PAIRED), NOW, csv);
            assertThat(csv.toString(StandardCharsets.UTF_8))
                    .startsWith("username,name,email,verdict,second factor,password,companion,")
                    .contains("\"fine\",\"true\",\"true\",\"true\",");
        }

        @Test
        void only_those_the_draft_covers_are_in_it() {
            Account asked = signingIn("asked");
            signingIn("other");
            Rules one = new Rules(Rules.Mode.REQUIRED, new Rules.Scope.Selected(Set.of(), Set.of(asked.id())), 0);
            assertThat(readiness.lines(acme.id(), one, Readiness.Wanted.ALL, "", 10, NOW))
                    .extracting(Readiness.Line::username)
                    .containsExactly("asked");
            assertThat(readiness.summary(acme.id(), one, NOW).total()).isEqualTo(1);
        }

        @Test
        void pages_of_it_follow_each_other() {
            for (int i = 0; i < 7; i++) {
                on.person(acme, "person" + i, Role.USER);
            }
            List<Readiness.Line> first = readiness.lines(acme.id(), EVERYONE, Readiness.Wanted.ALL, "", 4, NOW);
            String after = readiness.keyAfter(acme.id(), first.getLast());
            assertThat(readiness.lines(acme.id(), EVERYONE, Readiness.Wanted.ALL, after, 4, NOW))
                    .extracting(Readiness.Line::username)
                    .containsExactly("person4", "person5", "person6");
        }

        @Test
        void files_hold_every_line_and_no_formula() throws IOException {
            NewAccount formula = new NewAccount("bea", "=HYPERLINK(\"x\")", "bea@acme.example", Role.USER);
            created(accounts.create(acme.id(), formula, ACTOR, Origin.SYSTEM, NOW));
            ByteArrayOutputStream csv = new ByteArrayOutputStream();
            ByteArrayOutputStream json = new ByteArrayOutputStream();
            ReadinessExport export = on.get(ReadinessExport.class);
            export.csv(acme.id(), EVERYONE, Readiness.Wanted.ALL, NOW, csv);
            export.json(acme.id(), EVERYONE, Readiness.Wanted.ALL, NOW, json);
            assertThat(csv.toString(StandardCharsets.UTF_8))
                    .startsWith("username,name,")
                    .contains("\"'=HYPERLINK(\"\"x\"\")\"");
            assertThat(json.toString(StandardCharsets.UTF_8))
                    .startsWith("[{\"username\":\"bea\"")
                    .endsWith("}]");
        }

        @Test
        void days_that_are_over_are_kept_and_today_is_counted() {
            signingIn("bea");
            Figures figures = on.get(Figures.class);
            assertThat(figures.lastDays(acme.id(), NOW).getLast().people()).isEqualTo(1);
            var tomorrow = NOW.plus(Duration.ofDays(1));
            figures.keep(tomorrow);
            signingIn("carl");
            List<Day> days = figures.lastDays(acme.id(), tomorrow);
            assertThat(days).hasSize(Figures.DAYS);
            assertThat(days.get(Figures.DAYS - 2).people())
                    .as("as it was counted when the day was over")
                    .isEqualTo(1);
            assertThat(days.getLast().people()).isEqualTo(2);
        }

        private List<String> names(Optional<Verdict> verdict) {
            return names(new Readiness.Wanted(verdict, Optional.empty()));
        }

        private List<String> names(Readiness.Wanted wanted) {
            return readiness.lines(acme.id(), EVERYONE, wanted, "", 100, NOW).stream()
                    .map(Readiness.Line::username)
                    .toList();
        }

        private Account signingIn(String username) {
            Account account = on.person(acme, username, Role.USER);
            on.database()
                    .write(() -> on.get(Passwords.class)
                            .set(account, password, Optional.empty(), ACTOR, Origin.SYSTEM, NOW));
            return account;
        }
    }
}
