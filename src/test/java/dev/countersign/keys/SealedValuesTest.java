package dev.countersign.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.ActivityEntry;
import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.alert.Alert;
import dev.countersign.alert.Alerts;
import dev.countersign.directory.Account;
import dev.countersign.factor.password.Passwords;
import dev.countersign.factor.recovery.RecoveryCodes;
import dev.countersign.factor.totp.Apps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.node.Nodes;
import dev.countersign.policy.Rules;
import dev.countersign.store.Database;
import dev.countersign.support.PairedPerson;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import dev.countersign.vault.KeyInfo;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** AC-250, AC-251: what whoever can write into the database, and has no keys, moves, alters or puts back opens nothing and is told. */
class SealedValuesTest {
    private static final Actor ACTOR = new Actor(Optional.empty(), "test");
    private static final int ALL = 10_000;

    @Nested
    class OnSqlite extends Contract {
        OnSqlite() {
            super(TestServer.start());
        }
    }

    @Nested
    class OnPostgresql extends Contract {
        OnPostgresql() {
            super(TestServer.onPostgresql());
        }
    }

    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    abstract static class Contract {
        private final TestServer server;
        private final Database database;
        private final SealedStore store;
        private final SealedValues values;
        private final Vault vault;

        Contract(TestServer server) {
            this.server = server;
            this.database = server.get(Database.class);
            this.store = server.get(SealedStore.class);
            this.values = server.get(SealedValues.class);
            this.vault = server.get(Vault.class);
        }

        @AfterAll
        void stop() {
            server.close();
        }

        /** Something in every sealed column there is. */
        @BeforeAll
        void fill() {
            for (String name : List.of("filled.bea", "filled.carl")) {
                PairedPerson person = PairedPerson.of(server, name);
                register(person.account());
                String id = one("SELECT id FROM phone WHERE account_id = ?", person.account());
                write(
                        "UPDATE phone SET sealed_subscription = ? WHERE id = ?",
                        seal(
                                "phone",
                                "sealed_subscription",
                                id,
                                person.account().id().value()),
                        id);
                write(
                        "INSERT INTO idempotent_request (key_hash, environment_id, request_hash, sealed_answer, started_at,"
                                + " expires_at) VALUES (?, ?, '', ?, 0, 0)",
                        name,
                        environment(),
                        seal("idempotent_request", "sealed_answer", name, ""));
            }
            server.get(MailServer.class)
                    .change(
                            server.environment().id(),
                            new MailSettings(
                                    "localhost",
                                    25,
                                    MailSettings.Security.STARTTLS,
                                    "ada",
                                    "a@northwind.example",
                                    "A",
                                    "en"),
                            Optional.of(SecretText.of("password of the mail server")),
                            ACTOR,
                            Origin.SYSTEM,
                            server.clock().instant());
            write(
                    "INSERT INTO import_file (id, environment_id, kind, replace_factors, name, bytes, account_id, actor_name,"
                            + " door, address, created_at) VALUES ('file', ?, 'CSV', 0, '', 0, '', '', '', '', 0)",
                    environment());
            write(
                    "INSERT INTO import_file_piece (file_id, number, sealed_piece) VALUES ('file', 1, ?)",
                    seal("import_file_piece", "sealed_piece", "file/1", ""));
            write(
                    "INSERT INTO mail_queue (id, environment_id, kind, locale, recipient, sealed_contents, state, attempts,"
                            + " created_at, next_at, give_up_at, last_answer) VALUES ('mail', ?, '', 'en', '', ?, 'SENT', 0, 0, 0, 0, '')",
                    environment(),
                    seal("mail_queue", "sealed_contents", "mail", ""));
            server.policy(Rules.Mode.REQUIRED);
            server.person("filled.dora");
            TestBrowser browser = server.browser();
            browser.follow(browser.signIn("filled.dora", TestServer.PASSWORD));
        }

        private byte[] seal(String table, String column, String row, String owner) {
            return vault.seal(SecretBytes.of(new byte[40]), new Place(table, column, row).of(owner, 0));
        }

        private String environment() {
            return server.environment().id().value();
        }

        private void write(String statement, Object... parameters) {
            database.write(
                    () -> database.sql().sql(statement).params(parameters).update());
        }

        private String one(String query, Account account) {
            return database.sql()
                    .sql(query)
                    .param(account.id().value())
                    .query(String.class)
                    .single();
        }

        private SecretBytes register(Account account) {
            SecretBytes secret = server.get(Apps.class).newSecret();
            long step = Totp.DEFAULT.step(server.clock().instant());
            database.write(() -> {
                server.get(Apps.class)
                        .register(
                                account,
                                secret,
                                step,
                                ACTOR,
                                Origin.SYSTEM,
                                server.clock().instant());
            });
            return secret;
        }

        private List<SealedStore.Value> valuesOf(SealedColumn column) {
            return store.after(column, "", ALL).stream()
                    .filter(value -> value.sealed().isPresent())
                    .toList();
        }

        private void put(SealedColumn column, String row, byte[] sealed) {
            write(
                    "UPDATE " + column.table() + " SET " + column.column() + " = ? WHERE " + column.row() + " = ?",
                    sealed,
                    row);
        }

        @Test
        void every_column_has_a_value_here_and_all_open() {
            assertThat(SealedColumns.ALL)
                    .allSatisfy(column ->
                            assertThat(valuesOf(column)).as(column.name()).isNotEmpty());
            assertThat(values.openAll().unopened()).isEmpty();
            assertThat(values.count().byKey()).containsOnlyKeys(KeyInfo.primaryOf(vault.keysNow()));
        }

        @Test
        void ac_251_a_value_of_another_row_or_column_opens_nowhere() {
            List<SealedStore.Value> others = new ArrayList<>(valuesOf(SealedColumns.ALL.getFirst()));
            for (SealedColumn column : SealedColumns.ALL) {
                List<SealedStore.Value> here = valuesOf(column);
                SealedStore.Value target = here.getFirst();
                List<SealedStore.Value> foreign = new ArrayList<>(here.subList(1, here.size()));
                foreign.addAll(column == SealedColumns.ALL.getFirst() ? valuesOf(SealedColumns.ALL.getLast()) : others);
                for (SealedStore.Value other : foreign) {
                    put(column, target.row(), other.sealed().orElseThrow());
                    assertThat(values.openAll().unopened())
                            .as(column.name())
                            .containsExactly(column.name() + " of row " + target.row());
                }
                put(column, target.row(), target.sealed().orElseThrow());
            }
            assertThat(values.openAll().unopened()).isEmpty();
        }

        @Test
        void ac_251_a_value_that_is_put_back_after_it_was_replaced_opens_nowhere() {
            TreeSet<String> checked = new TreeSet<>();
            for (SealedColumn column : SealedColumns.ALL) {
                if (column.counted().isPresent()) {
                    SealedStore.Value target = valuesOf(column).getFirst();
                    String place = database.sql()
                            .sql("SELECT " + column.counted().get() + " FROM " + column.table() + " WHERE "
                                    + column.row() + " = ?")
                            .param(target.row())
                            .query(String.class)
                            .single();
                    count(target.owner(), place, 1);
                    assertThat(values.openAll().unopened()).contains(column.name() + " of row " + target.row());
                    count(target.owner(), place, -1);
                    checked.add(column.table());
                }
            }
            assertThat(values.openAll().unopened()).isEmpty();
            assertThat(checked)
                    .containsExactly("former_totp", "mail_settings", "password", "phone", "recovery_code", "totp");
        }

        /** How many entries of the log say that something in this table was not what was stored there. */
        private long told(String table) {
            return server.count(
                    "SELECT count(*) FROM activity WHERE kind = 'integrity-broken' AND details LIKE '%" + table + "%'");
        }

        private void count(String owner, String place, int by) {
            write(
                    "INSERT INTO secret_version (owner_id, place, version) VALUES (?, ?, ?) ON CONFLICT (owner_id, place)"
                            + " DO UPDATE SET version = secret_version.version + excluded.version",
                    owner,
                    place,
                    (long) by);
        }

        @Test
        void ac_251_a_password_hash_of_somebody_else_of_before_or_of_ones_own_making_opens_nothing_and_is_told() {
            Account ada = server.person("ada.told", Role.ADMINISTRATOR);
            Account bea = server.person("bea.told");
            Account carl = server.person("carl.told");
            byte[] former = sealedHash(bea);
            setPassword(bea, "another long password");
            setPassword(carl, "the password of the thief");
            byte[] current = sealedHash(bea);
            assertThat(isLetIn(bea, "another long password")).isTrue();

            write(
                    "UPDATE password SET sealed_hash = ? WHERE account_id = ?",
                    sealedHash(carl),
                    bea.id().value());
            assertThat(isLetIn(bea, "the password of the thief")).isFalse();
            write(
                    "UPDATE password SET sealed_hash = ? WHERE account_id = ?",
                    former,
                    bea.id().value());
            assertThat(isLetIn(bea, TestServer.PASSWORD)).isFalse();
            String made = server.get(Passwords.class)
                    .prepare(SecretText.of("made by the thief"))
                    .orElseThrow()
                    .phc();
            write(
                    "UPDATE password SET sealed_hash = NULL, password_hash = ? WHERE account_id = ?",
                    made,
                    bea.id().value());
            assertThat(isLetIn(bea, "made by the thief")).isFalse();

            server.get(Integrity.class).tell(server.clock().instant());
            assertThat(kinds(bea)).containsOnlyOnce("integrity-broken");
            assertThat(server.get(Alerts.class)
                            .unacknowledged(server.environment().id(), ada.id(), 50))
                    .anySatisfy(alert -> {
                        assertThat(alert.kind()).isEqualTo(Alert.Kind.INTEGRITY_BROKEN);
                        assertThat(alert.arguments())
                                .contains("password.sealed_hash", bea.id().value());
                    });
            write(
                    "UPDATE password SET sealed_hash = ?, password_hash = '' WHERE account_id = ?",
                    current,
                    bea.id().value());
            assertThat(isLetIn(bea, "another long password")).isTrue();
        }

        private byte[] sealedHash(Account account) {
            return database.sql()
                    .sql("SELECT sealed_hash FROM password WHERE account_id = ?")
                    .param(account.id().value())
                    .query((row, _) -> row.getBytes(1))
                    .single();
        }

        private void setPassword(Account account, String password) {
            Passwords passwords = server.get(Passwords.class);
            passwords.set(
                    account,
                    passwords.prepare(SecretText.of(password)).orElseThrow(),
                    Optional.empty(),
                    ACTOR,
                    Origin.SYSTEM,
                    server.clock().instant());
        }

        /** Whether the password leads on to a second factor or its set-up. */
        private boolean isLetIn(Account account, String password) {
            server.clock().advance(Duration.ofMinutes(30));
            TestBrowser.Reply reply = server.browser().signIn(account.username(), password);
            assertThat(reply.status()).isLessThan(500);
            return reply.location().matches(".*/(account|sign-in/(enrol|code|phone).*)");
        }

        private List<String> kinds(Account account) {
            return server.activityOf(account).stream().map(ActivityEntry::kind).toList();
        }

        @Test
        void ac_251_an_app_that_was_replaced_and_a_recovery_code_that_was_used_do_not_come_back() {
            Enrolled bea = server.enrolled("bea.back");
            byte[] seed = database.sql()
                    .sql("SELECT sealed_secret FROM totp WHERE account_id = ?")
                    .param(bea.account().id().value())
                    .query((row, _) -> row.getBytes(1))
                    .single();
            register(bea.account());
            write(
                    "UPDATE totp SET sealed_secret = ?, last_step = 0 WHERE account_id = ?",
                    seed,
                    bea.account().id().value());
            server.clock().advance(Duration.ofMinutes(5));
            TestBrowser browser = server.browser();
            browser.signIn("bea.back", TestServer.PASSWORD);
            TestBrowser.Reply code =
                    browser.post("/sign-in/code", "code", bea.app().code());
            assertThat(code.status()).isLessThan(500);
            assertThat(browser.get("/account").status()).as("a former app").isNotEqualTo(200);

            String hash = one("SELECT code_hash FROM recovery_code WHERE account_id = ?", bea.account());
            byte[] binding = database.sql()
                    .sql("SELECT sealed_binding FROM recovery_code WHERE account_id = ?")
                    .param(bea.account().id().value())
                    .query((row, _) -> row.getBytes(1))
                    .single();
            database.write(
                    () -> server.get(RecoveryCodes.class).remove(bea.account().id()));
            write(
                    "INSERT INTO recovery_code (account_id, environment_id, code_hash, sealed_binding, issued_at, confirmed_at)"
                            + " VALUES (?, ?, ?, ?, 0, 0)",
                    bea.account().id().value(),
                    environment(),
                    hash,
                    binding);
            TestBrowser.Reply recovered = browser.post("/sign-in/recovery", "code", bea.recoveryCode());
            assertThat(recovered.status()).isLessThan(500);
            assertThat(recovered.location()).doesNotContain("recovery-code", "enrol");
            server.get(Integrity.class).tell(server.clock().instant());
            assertThat(server.activityOf(bea.account()))
                    .filteredOn(entry -> entry.kind().equals("integrity-broken"))
                    .extracting(ActivityEntry::details)
                    .anySatisfy(details -> assertThat(details).contains("totp"))
                    .anySatisfy(details -> assertThat(details).contains("recovery_code"));
            database.write(
                    () -> server.get(RecoveryCodes.class).remove(bea.account().id()));
            register(bea.account());
        }

        @Test
        void ac_251_a_phone_in_somebody_elses_row_and_a_phone_that_was_removed_are_nobodys() {
            PairedPerson thief = PairedPerson.of(server, "carl.phone");
            Enrolled bea = server.enrolled("bea.phone");
            assertThat(thief.phone().requests().status()).isEqualTo(200);
            write(
                    "UPDATE phone SET account_id = ? WHERE account_id = ?",
                    bea.account().id().value(),
                    thief.account().id().value());
            assertThat(thief.phone().requests().status())
                    .as("as the phone of somebody else")
                    .isEqualTo(401);
            server.get(Integrity.class).tell(server.clock().instant());
            assertThat(told("phone")).isPositive();
            write(
                    "UPDATE phone SET account_id = ? WHERE account_id = ?",
                    thief.account().id().value(),
                    bea.account().id().value());
            assertThat(thief.phone().requests().status()).isEqualTo(200);
            count(
                    thief.account().id().value(),
                    "phone/" + one("SELECT id FROM phone WHERE account_id = ?", thief.account()),
                    1);
            assertThat(thief.phone().requests().status())
                    .as("a phone that was removed")
                    .isEqualTo(401);
            count(
                    thief.account().id().value(),
                    "phone/" + one("SELECT id FROM phone WHERE account_id = ?", thief.account()),
                    -1);
        }

        @Test
        void everything_is_sealed_anew_by_a_new_key_while_people_sign_in_and_the_former_key_goes() {
            Enrolled bea = server.enrolled("bea.rotates");
            KeyChanges changes = server.get(KeyChanges.class);
            String before = KeyInfo.primaryOf(vault.keysNow());
            KeyChanges.Changed changed = changes.rotate(Duration.ZERO, true, _ -> {}, ACTOR, Origin.SYSTEM);
            assertThat(changed).isInstanceOf(KeyChanges.Changed.Rotated.class);
            String after = ((KeyChanges.Changed.Rotated) changed).key();
            assertThat(values.count().byKey()).containsOnlyKeys(after);
            assertThat(values.openAll().unopened()).isEmpty();
            assertThat(changes.retire(after, ACTOR, Origin.SYSTEM)).isEqualTo(new KeyChanges.Changed.IsPrimary());
            server.get(Nodes.class).say(server.clock().instant());
            server.clock().advance(Duration.ofMinutes(2));
            assertThat(changes.retire(before, ACTOR, Origin.SYSTEM)).isInstanceOf(KeyChanges.Changed.Retired.class);
            assertThat(vault.keysNow())
                    .filteredOn(key -> key.id().equals(before))
                    .noneMatch(key -> key.seals());
            assertThat(isLetIn(bea.account(), TestServer.PASSWORD)).isTrue();
            assertThat(server.browser()
                            .signIn("bea.rotates", TestServer.PASSWORD)
                            .status())
                    .isEqualTo(303);
            TestBrowser browser = server.browser();
            browser.signIn("bea.rotates", TestServer.PASSWORD);
            browser.post("/sign-in/recovery", "code", bea.recoveryCode());
            assertThat(browser.get("/sign-in/recovery-code").status())
                    .as("a recovery code that an earlier key hashed")
                    .isEqualTo(200);
            assertThat(server.get(ActivityLog.class).newest(server.environment().id(), 1_000))
                    .extracting(ActivityEntry::kind)
                    .contains("key-added", "key-in-use", "key-retired");
        }
    }
}
