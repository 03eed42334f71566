package dev.countersign.mail;

import static dev.countersign.support.TestInstallation.ACTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEvent;
import dev.countersign.activity.ActivityLog;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.directory.Username;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.support.Crowd;
import dev.countersign.support.HangingServer;
import dev.countersign.support.Postbox;
import dev.countersign.support.Soon;
import dev.countersign.support.TestClock;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Token;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings, queue, letters and links, with a real mail server, on both databases. */
class MailTest {
    private static final Origin HERE = new Origin("portal", "192.0.2.7", "Firefox, Linux", "request-1");

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
        private final TestInstallation on;
        private final TestClock clock;
        private final MailQueue queue;
        private final MailServer server;
        private final MailJob job;
        private final MailLinks links;
        private Postbox post = new Postbox();
        private Environment acme;

        Contract(TestInstallation on) {
            this.on = on;
            this.clock = (TestClock) on.get(Clock.class);
            this.queue = on.get(MailQueue.class);
            this.server = on.get(MailServer.class);
            this.job = on.get(MailJob.class);
            this.links = on.get(MailLinks.class);
        }

        @BeforeEach
        void anEnvironmentWithMail() {
            acme = on.environment();
            use(post.port());
        }

        @AfterEach
        void nothingIsLeftInTheQueue() {
            queue.newest(acme.id(), 1_000).forEach(mail -> queue.delete(acme.id(), mail.id()));
            post.close();
        }

        private static MailSettings settings(int port) {
            return new MailSettings(
                    "127.0.0.1", port, MailSettings.Security.NONE, "", "login@northwind.example", "Northwind", "en");
        }

        private void use(int port) {
            server.change(acme.id(), settings(port), Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
        }

        private Account person(String name) {
            return on.person(acme, TestInstallation.fresh(name), Role.USER);
        }

        private void send(Account to, Mail mail) {
            on.database().write(() -> queue.send(to, mail, clock.instant()));
        }

        private QueuedMail queued() {
            return queue.newest(acme.id(), 10).getFirst();
        }

        @ParameterizedTest
        @CsvSource({
            "en, Your password was changed, This was not me",
            "de, Ihr Passwort wurde geändert, Das war ich nicht",
            "fr, Votre mot de passe a été modifié, Ce n’était pas moi",
            "nl, Uw wachtwoord is gewijzigd, Dit was ik niet"
        })
        void a_mail_is_in_the_language_of_its_reader(String language, String subject, String button) throws Exception {
            Account bea = person("bea");
            on.get(Accounts.class).changeLocale(bea, Optional.of(language), ACTOR, Origin.SYSTEM, clock.instant());
            record(on.get(Accounts.class).get(bea.id()), new ActivityEvent.PasswordChanged(false));
            job.sendDue();
            Postbox.Received mail = post.only();
            assertThat(mail.subject()).isEqualTo(subject);
            assertThat(mail.message().getContentType()).startsWith("multipart/alternative");
            assertThat(mail.text()).contains(button).contains("192.0.2.7").contains("Firefox, Linux");
            assertThat(mail.html())
                    .contains("lang=\"" + language + "\"")
                    .contains(button)
                    .contains(bea.displayName());
            assertThat(mail.message().getHeader("Auto-Submitted")).containsExactly("auto-generated");
            assertThat(mail.message().getFrom()[0].toString()).isEqualTo("Northwind <login@northwind.example>");
            assertThat(queued().state()).isEqualTo(QueuedMail.State.SENT);
        }

        @Test
        void an_html_mail_fetches_nothing_and_runs_nothing() {
            Account odd = odd("<img src=x onerror=alert(1)> ${7777*7777} [[${7777*7777}]]");
            record(odd, new ActivityEvent.AppReplaced());
            job.sendDue();
            assertThat(post.only().html())
                    .doesNotContain("<img")
                    .doesNotContain("<script")
                    .doesNotContain("<link")
                    .doesNotContain("60481729")
                    .doesNotContainPattern("(src|url)\\s*[=(]\\s*[\"']?http")
                    .contains("&lt;img src=x onerror=alert(1)&gt; ${7777*7777} [[${7777*7777}]]");
        }

        @ParameterizedTest
        @CsvSource({
            "en, Approve sign-ins on your phone, Add my phone",
            "de, Bestätigen Sie Anmeldungen auf Ihrem Telefon, Mein Telefon hinzufügen",
            "fr, Confirmez les connexions sur votre téléphone, Ajouter mon téléphone",
            "nl, Bevestig aanmeldingen op uw telefoon, Mijn telefoon toevoegen"
        })
        void an_invitation_to_pair_holds_a_link_and_makes_the_one_before_it_useless(
                String language, String subject, String button) {
            Account bea = person("bea");
            on.get(Accounts.class).changeLocale(bea, Optional.of(language), ACTOR, Origin.SYSTEM, clock.instant());
            Account reader = on.get(Accounts.class).get(bea.id());
            on.database().write(() -> queue.sendPairing(reader, clock.instant()));
            job.sendDue();
            Postbox.Received mail = post.only();
            assertThat(mail.subject()).isEqualTo(subject);
            assertThat(mail.text()).contains(button).contains(mail.link());
            assertThat(mail.html()).contains(button).contains(mail.link());
            Token first = token(mail.link());
            assertThat(links.find(acme.id(), first, clock.instant())
                            .orElseThrow()
                            .purpose())
                    .isEqualTo(MailLinks.Purpose.PAIR_PHONE);
            assertThat(on.database()
                            .sql()
                            .sql("SELECT count(*) FROM mail_link WHERE token_hash = ?")
                            .param(first.reveal())
                            .query(Long.class)
                            .single())
                    .as("only its hash is kept")
                    .isZero();
            on.database().write(() -> queue.sendPairing(reader, clock.instant()));
            assertThat(links.find(acme.id(), first, clock.instant())).isEmpty();
        }

        private static Token token(String link) {
            return Token.parse(link.substring(link.indexOf('=') + 1)).orElseThrow();
        }

        private Account odd(String displayName) {
            NewAccount typed =
                    new NewAccount(TestInstallation.fresh("odd"), displayName, "odd@northwind.example", Role.USER);
            return TestInstallation.created(
                    on.get(Accounts.class).create(acme.id(), typed, ACTOR, Origin.SYSTEM, clock.instant()));
        }

        private void record(Account about, ActivityEvent event) {
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .record(acme.id(), Optional.of(about.id()), ACTOR, HERE, event, clock.instant()));
        }

        @Test
        void every_kind_of_mail_reads_well_in_every_language() {
            Mail.Circumstances how = new Mail.Circumstances(clock.instant(), "192.0.2.7", "Firefox");
            SecretText link = SecretText.of("https://login.northwind.example/link?token=x");
            List<Mail> all = new java.util.ArrayList<>(List.of(
                    new Mail.TestMail("ada"),
                    new Mail.ConfirmAddress(link),
                    new Mail.Invitation(),
                    new Mail.CompanionInvitation(link),
                    new Mail.Reminder(),
                    new Mail.RequirementStarts(clock.instant()),
                    new Mail.PasswordChanged(how, link, List.of("deploy", "reports")),
                    new Mail.PasswordChanged(how, link, List.of()),
                    new Mail.SignInReported(how),
                    new Mail.ForgottenPassword(how, link)));
            for (Mail.Change change : Mail.Change.values()) {
                all.add(new Mail.FactorChanged(change, how, link));
            }
            for (Mail.Alert alert : Mail.Alert.values()) {
                all.add(new Mail.AdministratorAlert(alert, "bea", "before → after", "ada", how));
            }
            assertThat(all.stream().<Class<?>>map(Mail::getClass).distinct())
                    .containsExactlyInAnyOrder(Mail.class.getPermittedSubclasses());
            for (String language : MailSettings.LOCALES) {
                for (Mail mail : all) {
                    Mail stored = MailContents.read(MailContents.write(mail), mail.kind());
                    Letter letter = on.get(Letters.class).write(stored, acme, "Bea", language);
                    assertThat(letter.subject() + letter.text() + letter.html())
                            .as("%s in %s", mail.kind(), language)
                            .doesNotContain("{0}")
                            .doesNotContain("??")
                            .doesNotContain("mails.");
                }
            }
        }

        @Test
        void while_the_server_is_down_a_mail_waits_and_its_pauses_grow() throws Exception {
            int nobodyListens = freePort();
            use(nobodyListens);
            send(person("bea"), new Mail.Reminder());
            Instant start = clock.instant();
            job.sendDue();
            assertThat(queued().state()).isEqualTo(QueuedMail.State.QUEUED);
            assertThat(queued().lastAnswer()).contains("127.0.0.1").contains(Integer.toString(nobodyListens));
            assertThat(queued().nextAt()).isEqualTo(start.plus(Duration.ofMinutes(1)));
            assertThat(job.sendDue()).isZero();
            Instant before = clock.instant();
            clock.advance(Duration.ofMinutes(1));
            job.sendDue();
            assertThat(queued().nextAt()).isEqualTo(before.plus(Duration.ofMinutes(6)));
            assertThat(queued().attempts()).isEqualTo(2);
            use(post.port());
            clock.advance(Duration.ofMinutes(5));
            job.sendDue();
            assertThat(post.only().to()).isEqualTo("person@northwind.example");
            assertThat(queued().state()).isEqualTo(QueuedMail.State.SENT);
        }

        @Test
        void after_a_day_a_mail_is_given_up_and_can_be_tried_again_by_hand() throws Exception {
            use(freePort());
            send(person("bea"), new Mail.Reminder());
            Instant start = clock.instant();
            while (queued().state() == QueuedMail.State.QUEUED) {
                assertThat(clock.instant()).isBefore(start.plus(Duration.ofHours(25)));
                job.sendDue();
                clock.advance(Duration.ofMinutes(1));
            }
            assertThat(clock.instant()).isAfter(start.plus(Duration.ofHours(18)));
            assertThat(queued().attempts()).isBetween(8, 15);
            use(post.port());
            assertThat(queue.retry(acme.id(), queued().id(), clock.instant())).isTrue();
            job.sendDue();
            assertThat(post.all()).hasSize(1);
            assertThat(queue.retry(acme.id(), queued().id(), clock.instant())).isFalse();
        }

        private static int freePort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            }
        }

        @Test
        void a_refused_recipient_is_final_and_the_servers_words_are_shown() throws Exception {
            try (RefusingServer refusing = new RefusingServer("550 5.1.1 no such user here")) {
                use(refusing.port());
                send(person("bea"), new Mail.Reminder());
                job.sendDue();
            }
            assertThat(queued().state()).isEqualTo(QueuedMail.State.FAILED);
            assertThat(queued().lastAnswer()).contains("550 5.1.1 no such user here");
        }

        @Test
        void a_recipient_the_server_does_not_want_yet_is_tried_later() throws Exception {
            try (RefusingServer refusing = new RefusingServer("451 4.7.1 greylisted")) {
                use(refusing.port());
                send(person("bea"), new Mail.Reminder());
                job.sendDue();
            }
            assertThat(queued().state()).isEqualTo(QueuedMail.State.QUEUED);
            assertThat(queued().lastAnswer()).contains("451 4.7.1 greylisted");
        }

        @Test
        void a_test_is_sent_at_once_and_shows_what_the_server_says() throws Exception {
            Delivery works = server.test(acme, "ada@northwind.example", "ada", "de", clock.instant())
                    .delivery();
            assertThat(works).isInstanceOf(Delivery.Accepted.class);
            assertThat(works.answer()).startsWith("250");
            assertThat(post.only().text()).contains("Der Mailserver funktioniert");
            use(freePort());
            assertThat(server.test(acme, "ada@northwind.example", "ada", "de", clock.instant())
                            .delivery())
                    .isInstanceOf(Delivery.Failed.class);
        }

        @Test
        void ac_244_a_mail_server_that_hangs_holds_up_the_mails_of_its_own_environment_only() {
            Environment other = on.environment();
            server.change(other.id(), settings(post.port()), Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
            Account reader = on.person(other, TestInstallation.fresh("reader"), Role.USER);
            try (HangingServer silent = HangingServer.silent()) {
                use(silent.port());
                for (int i = 0; i < 9; i++) {
                    send(person("waits"), new Mail.Reminder());
                }
                job.start();
                assertThat(Soon.becomes(() -> silent.connections() == 4))
                        .as("a few at a time")
                        .isTrue();
                send(reader, new Mail.Reminder());
                assertThat(Soon.becomes(() -> {
                            job.start();
                            return post.all().size() == 1;
                        }))
                        .isTrue();
                assertThat(silent.connections()).isEqualTo(4);
            }
        }

        @Test
        void of_many_nodes_one_sends() throws Exception {
            send(person("bea"), new Mail.Reminder());
            Crowd.together(8, job::sendDue);
            assertThat(post.all()).hasSize(1);
        }

        @Test
        void a_node_that_dies_loses_its_claim_after_some_minutes() {
            send(person("bea"), new Mail.Reminder());
            on.database()
                    .write(() -> on.get(MailStore.class)
                            .claim(queued(), clock.instant().plus(Duration.ofMinutes(5))));
            assertThat(job.sendDue()).isZero();
            clock.advance(Duration.ofMinutes(5));
            assertThat(job.sendDue()).isPositive();
            assertThat(post.all()).hasSize(1);
        }

        @Test
        void a_mail_exists_with_its_cause_or_not_at_all() {
            Account bea = person("bea");
            try {
                on.database().write(() -> {
                    queue.send(bea, new Mail.Reminder(), clock.instant());
                    throw new IllegalArgumentException("the cause fails");
                });
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessage("the cause fails");
            }
            assertThat(queue.newest(acme.id(), 10)).isEmpty();
        }

        @Test
        void without_a_mail_server_nothing_is_queued_and_nothing_fails() {
            server.remove(acme.id(), ACTOR, Origin.SYSTEM, clock.instant());
            Account bea = person("bea");
            record(bea, new ActivityEvent.AppEnrolled());
            send(bea, new Mail.Reminder());
            assertThat(queue.newest(acme.id(), 10)).isEmpty();
            assertThat(queue.sendConfirmation(bea, HERE, clock.instant())).isFalse();
        }

        @Test
        void nothing_secret_is_readable_in_the_tables_or_the_log() {
            MailSettings guarded = new MailSettings(
                    "127.0.0.1",
                    post.port(),
                    MailSettings.Security.STARTTLS,
                    "mailer",
                    "login@northwind.example",
                    "Northwind",
                    "en");
            server.change(
                    acme.id(),
                    guarded,
                    Optional.of(SecretText.of("tr0ub4dor-mail")),
                    ACTOR,
                    Origin.SYSTEM,
                    clock.instant());
            Account bea = person("bea");
            queue.sendConfirmation(bea, HERE, clock.instant());
            byte[] password = on.get(MailStore.class)
                    .sealedPassword(acme.id())
                    .orElseThrow()
                    .sealed();
            byte[] contents =
                    on.get(MailStore.class).sealedContents(queued().id()).orElseThrow();
            assertThat(new String(password, StandardCharsets.ISO_8859_1)).doesNotContain("tr0ub4dor");
            assertThat(new String(contents, StandardCharsets.ISO_8859_1)).doesNotContain("token=");
            assertThat(on.get(ActivityLog.class).newest(acme.id(), 100).toString())
                    .doesNotContain("tr0ub4dor")
                    .contains("mail-server-changed");
            assertThat(guarded.toString() + new Mail.ConfirmAddress(SecretText.of("https://x/link?token=y")))
                    .doesNotContain("token=y");
            use(post.port());
            job.sendDue();
            assertThat(on.get(MailStore.class).sealedContents(queued().id())).isEmpty();
        }

        @Test
        void a_saved_password_goes_to_no_other_server() {
            MailSettings guarded = new MailSettings(
                    "mail.northwind.example",
                    587,
                    MailSettings.Security.STARTTLS,
                    "mailer",
                    "login@northwind.example",
                    "",
                    "en");
            Optional<SecretText> secret = Optional.of(SecretText.of("tr0ub4dor-mail"));
            server.change(acme.id(), guarded, secret, ACTOR, Origin.SYSTEM, clock.instant());
            server.change(acme.id(), guarded, Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
            assertThat(server.hasPassword(acme.id())).isTrue();
            MailSettings elsewhere = new MailSettings(
                    "evil.example", 587, MailSettings.Security.STARTTLS, "mailer", "login@northwind.example", "", "en");
            server.change(acme.id(), elsewhere, Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
            assertThat(server.hasPassword(acme.id())).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"Acme\r\nBcc: evil@example.org", "Acme\nSubject: other", "Acme\u2028Bcc: x"})
        void a_name_cannot_begin_another_header(String name) throws Exception {
            MailSettings typed = new MailSettings(
                    "127.0.0.1", post.port(), MailSettings.Security.NONE, "", "a@northwind.example", name, "en");
            assertThat(typed.problem()).contains(MailSettings.Problem.FROM_NAME);
            Letter letter = new Letter("Test " + name, "text", "<p>text</p>");
            on.get(Smtp.class)
                    .send(
                            settings(post.port()),
                            Optional.empty(),
                            "bea@northwind.example",
                            letter,
                            "id",
                            clock.instant());
            Postbox.Received mail = post.only();
            assertThat(mail.message().getHeader("Bcc")).isNull();
            assertThat(mail.message().getHeader("Subject")).hasSize(1);
            assertThat(mail.message().getAllRecipients()).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"a@x.example\r\nRCPT TO:<evil@example.org>", "a@x.example, b@y.example", "<a@x.example>", ""
                })
        void no_recipient_is_more_than_one_address(String recipient) {
            Letter letter = new Letter("Test", "text", "<p>text</p>");
            Delivery delivery = on.get(Smtp.class)
                    .send(settings(post.port()), Optional.empty(), recipient, letter, "id", clock.instant());
            assertThat(delivery).isInstanceOf(Delivery.Refused.class);
            assertThat(post.all()).isEmpty();
        }

        @Test
        void a_password_is_never_sent_over_an_open_connection() {
            MailSettings open = new MailSettings(
                    "mail.northwind.example",
                    25,
                    MailSettings.Security.NONE,
                    "mailer",
                    "a@northwind.example",
                    "",
                    "en");
            assertThat(open.problem()).contains(MailSettings.Problem.UNPROTECTED);
            MailSettings mustEncrypt = new MailSettings(
                    "127.0.0.1", post.port(), MailSettings.Security.STARTTLS, "", "a@northwind.example", "", "en");
            server.change(acme.id(), mustEncrypt, Optional.empty(), ACTOR, Origin.SYSTEM, clock.instant());
            assertThat(server.test(acme, "a@northwind.example", "ada", "en", clock.instant())
                            .delivery())
                    .isInstanceOf(Delivery.Failed.class);
            assertThat(post.all()).isEmpty();
        }

        @Test
        void a_link_works_once_in_its_time_and_its_environment() throws Exception {
            Account bea = person("bea");
            Token token = tokenOf(issue(bea, MailLinks.Purpose.CONFIRM_ADDRESS));
            Environment other = on.environment();
            assertThat(links.find(other.id(), token, clock.instant())).isEmpty();
            assertThat(consume(other, token)).isFalse();
            assertThat(links.find(acme.id(), token, clock.instant())).isPresent();
            assertThat(links.find(acme.id(), token, clock.instant())).isPresent();
            List<Boolean> used = Crowd.together(8, () -> consume(acme, token));
            assertThat(used).containsOnlyOnce(true);
            assertThat(links.find(acme.id(), token, clock.instant())).isEmpty();
            Token late = tokenOf(issue(bea, MailLinks.Purpose.NEW_PASSWORD));
            clock.advance(Duration.ofHours(1));
            assertThat(links.find(acme.id(), late, clock.instant())).isEmpty();
            assertThat(consume(acme, late)).isFalse();
        }

        @Test
        void a_new_link_replaces_the_one_before_it() {
            Account bea = person("bea");
            Token first = tokenOf(issue(bea, MailLinks.Purpose.NEW_PASSWORD));
            Token second = tokenOf(issue(bea, MailLinks.Purpose.NEW_PASSWORD));
            assertThat(links.find(acme.id(), first, clock.instant())).isEmpty();
            assertThat(links.find(acme.id(), second, clock.instant())).isPresent();
        }

        private String issue(Account account, MailLinks.Purpose purpose) {
            Mail.Circumstances how = Mail.Circumstances.of(HERE, clock.instant());
            return on.database()
                    .write(() ->
                            links.issue(account, purpose, how, clock.instant()).reveal());
        }

        private static Token tokenOf(String link) {
            return Token.parse(link.substring(link.indexOf('=') + 1)).orElseThrow();
        }

        private boolean consume(Environment environment, Token token) {
            return on.database().write(() -> links.consume(environment.id(), token, clock.instant()));
        }

        @Test
        void a_link_leads_to_the_configured_address_of_its_environment() {
            assertThat(issue(person("bea"), MailLinks.Purpose.NOT_ME))
                    .startsWith("http://" + acme.host().orElseThrow().toLowerCase(Locale.ROOT) + ":8480/link?token=");
        }

        @Test
        void administrators_are_told_of_what_weakens_everyone() {
            Account ada = on.person(acme, TestInstallation.fresh("ada"), Role.ADMINISTRATOR);
            Account bea = person("bea");
            record(bea, new ActivityEvent.ExemptionGranted("lost phone", clock.instant()));
            assertThat(queue.newest(acme.id(), 10)).isEmpty();
            record(ada, new ActivityEvent.ExemptionGranted("lost phone", clock.instant()));
            record(bea, new ActivityEvent.NotMeReported());
            record(bea, new ActivityEvent.PolicyChanged("REQUIRED", "OFF", true));
            assertThat(queue.newest(acme.id(), 10))
                    .hasSize(3)
                    .allMatch(mail -> mail.account().equals(Optional.of(ada.id())));
            on.database()
                    .write(() -> on.get(ActivityLog.class)
                            .record(
                                    acme.id(),
                                    Optional.of(bea.id()),
                                    ACTOR,
                                    Origin.commandLine("root"),
                                    new ActivityEvent.TwoFactorReset("root"),
                                    clock.instant()));
            assertThat(queue.newest(acme.id(), 10).stream().map(QueuedMail::kind))
                    .filteredOn("administrator-alert"::equals)
                    .hasSize(4);
        }

        @Test
        void administrators_are_told_of_everything_the_command_line_does_to_an_account() throws Exception {
            on.person(acme, TestInstallation.fresh("ada"), Role.ADMINISTRATOR);
            Account bea = person("bea");
            List<ActivityEvent> events = List.of(
                    new ActivityEvent.TwoFactorReset("root"),
                    new ActivityEvent.PhoneReplaced("root", clock.instant()),
                    new ActivityEvent.GuessesLifted(),
                    new ActivityEvent.PasswordChanged(false),
                    new ActivityEvent.RoleChanged("user", "administrator"),
                    new ActivityEvent.AccountCreated(bea.username(), "administrator"));
            for (ActivityEvent event : events) {
                record(bea, event);
            }
            assertThat(toAdministrators()).as("by an administrator, who may").isZero();
            on.database()
                    .write(() -> events.forEach(event -> on.get(ActivityLog.class)
                            .record(
                                    acme.id(),
                                    Optional.of(bea.id()),
                                    ACTOR,
                                    Origin.commandLine("root"),
                                    event,
                                    clock.instant())));
            job.sendDue();
            assertThat(post.all().stream()
                            .map(Postbox.Received::subject)
                            .filter(subject -> !subject.startsWith("Your ")))
                    .as("beside those to their owner")
                    .containsExactlyInAnyOrder(
                            "The two-step sign-in of " + bea.username() + " was reset on the server",
                            "The two-step sign-in of " + bea.username() + " was reset on the server",
                            "The sign-in lock of " + bea.username() + " was lifted on the server",
                            "A new password for " + bea.username() + " was set on the server",
                            bea.username() + " was made an administrator on the server",
                            bea.username() + " was made an administrator on the server");
        }

        @Test
        void administrators_are_told_of_administrators_made_through_groups() throws Exception {
            on.person(acme, TestInstallation.fresh("ada"), Role.ADMINISTRATOR);
            Account bea = person("bea");
            Groups groups = on.get(Groups.class);
            Username name = ((Username.Parsed.Accepted) Username.parseGroupName("Owners")).username();
            Group owners =
                    groups.create(acme.id(), name, ACTOR, HERE, clock.instant()).orElseThrow();
            Origin terminal = Origin.commandLine("root");
            Optional<Role> administrator = Optional.of(Role.ADMINISTRATOR);
            groups.changeRole(acme.id(), owners, administrator, ACTOR, HERE, clock.instant());
            assertThat(toAdministrators()).as("by an administrator, who may").isZero();
            groups.changeRole(acme.id(), owners, Optional.empty(), ACTOR, terminal, clock.instant());
            groups.changeRole(acme.id(), owners, administrator, ACTOR, terminal, clock.instant());
            job.sendDue();
            assertThat(post.all())
                    .singleElement()
                    .extracting(Postbox.Received::subject)
                    .isEqualTo("Everyone in the group Owners was given the rights of an administrator on the server");
            groups.add(owners, bea, ACTOR, terminal, clock.instant());
            job.sendDue();
            assertThat(post.all().stream().map(Postbox.Received::subject))
                    .contains(bea.username() + " was made an administrator on the server");
        }

        /** Administrators read what was changed in their own language, not what programs read. */
        @ParameterizedTest
        @CsvSource(delimiter = '|', textBlock = """
                en | Before: required for the groups Sales, HR   | Now: off | Before: Everyone: Only as the rule says; | Everyone: On 20 of 100 days | Berths: At every sign-in; | Press OK
                de | Vorher: verpflichtend für die Gruppen Sales, HR | Jetzt: aus | Vorher: Alle: | An 20 von 100 Tagen | Berths: | OK
                """)
        void rules_are_told_in_the_words_of_their_reader(
                String language, String before, String now, String approval, String random, String group, String tap)
                throws Exception {
            Account ada = on.person(acme, TestInstallation.fresh("ada"), Role.ADMINISTRATOR);
            on.get(Accounts.class).changeLocale(ada, Optional.of(language), ACTOR, HERE, clock.instant());
            Username name = ((Username.Parsed.Accepted) Username.parseGroupName("Berths")).username();
            Group berths = on.get(Groups.class)
                    .create(acme.id(), name, ACTOR, HERE, clock.instant())
                    .orElseThrow();
            record(ada, new ActivityEvent.PolicyChanged("required --groups Sales,HR", "off", true));
            record(
                    ada,
                    new ActivityEvent.ApprovalRulesChanged(
                            "off --confirm number",
                            "random --share 20 --longest PT168H --confirm tap {" + berths.id() + "=always}",
                            false));
            job.sendDue();
            assertThat(post.all()).hasSize(2);
            assertThat(post.all().stream().map(Postbox.Received::text).collect(Collectors.joining()))
                    .contains(before, now)
                    .doesNotContain("--groups")
                    .contains(approval, random, group, tap)
                    .doesNotContain(berths.id().value())
                    .doesNotContain("--confirm");
        }

        private long toAdministrators() {
            return queue.newest(acme.id(), 100).stream()
                    .filter(mail -> mail.kind().equals("administrator-alert"))
                    .count();
        }

        @Test
        void a_first_password_is_no_change() {
            record(person("bea"), new ActivityEvent.PasswordChanged(true));
            assertThat(queue.newest(acme.id(), 10)).isEmpty();
        }
    }
}
