package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Username;
import dev.countersign.entitlement.Entitlement;
import dev.countersign.entitlement.Entitlements;
import dev.countersign.entitlement.Feature;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files given to the console: looked at, confirmed, taken in; and what is not read at all. */
class ConsoleImportTest {
    private static final TestServer SERVER = TestServer.start();
    private static final String PEOPLE = "/console/people/import";
    private static final String GROUPS = "/console/groups/import";
    private static int names;

    private final Enrolled ada = SERVER.enrolled(name("ada"), Role.ADMINISTRATOR);
    private TestBrowser browser = SERVER.browser();

    @BeforeEach
    void an_administrator_is_signed_in() {
        SERVER.policy(Rules.Mode.OPTIONAL);
        browser = Pages.signedIn(SERVER, ada);
        browser.get("/account");
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static String name(String of) {
        return of + "-" + ++names;
    }

    private String give(String path, String fileName, String content, String... fields) {
        browser.get(path);
        TestBrowser.Reply reply = browser.postFile(path, fileName, content.getBytes(StandardCharsets.UTF_8), fields);
        assertThat(reply.status()).as(reply.body()).isEqualTo(303);
        assertThat(reply.location()).startsWith(path + "/");
        return reply.location();
    }

    private static long pieces(String preview) {
        return SERVER.count("SELECT count(*) FROM import_file_piece WHERE file_id = ?", id(preview));
    }

    private static String id(String address) {
        return address.substring(address.lastIndexOf('/') + 1);
    }

    private static Optional<Account> account(String username) {
        return SERVER.get(Accounts.class).findByTypedName(SERVER.environment().id(), username);
    }

    private static Optional<Group> group(String name) {
        return SERVER.get(Groups.class).findByName(SERVER.environment().id(), name);
    }

    @Test
    void people_are_previewed_line_by_line_and_come_in_when_that_is_confirmed() {
        String anna = SERVER.person(name("import-anna")).username();
        String nora = name("import-nora");
        String file = "username,email,name\n" + nora + ",nora@example.org,Nora\n" + anna
                + ",anna@example.org,Anna Zwei\n,nobody@example.org,Nobody\n";
        String preview = give(PEOPLE, "people.csv", file);
        String page = browser.get(preview).body();
        assertThat(page)
                .contains("people.csv", nora, anna, "Line 2", "Line 3", "Line 4")
                .contains("name</span>");
        TestBrowser german = browser.fork().header("Accept-Language", "de");
        assertThat(german.get(preview).body()).contains("Der Benutzername fehlt.");
        assertThat(account(nora)).as("nothing has happened yet").isEmpty();
        assertThat(pieces(preview)).isPositive();
        TestBrowser.Reply begun = browser.post(preview);
        assertThat(begun.location()).isEqualTo(preview);
        String result = browser.get(preview).body();
        assertThat(result).contains("Finished", "Line 4", "The username is missing.", "value=\"100\"");
        assertThat(german.get(preview).body()).contains("Der Benutzername fehlt.");
        assertThat(account(nora).orElseThrow().displayName()).isEqualTo("Nora");
        assertThat(account(anna).orElseThrow().displayName()).isEqualTo("Anna Zwei");
        assertThat(browser.get(PEOPLE).body()).contains("people.csv", preview);
        assertThat(pieces(preview)).as("the file is gone").isZero();
        assertThat(browser.post(preview).location()).as("a second time").isEqualTo(preview);
    }

    @Test
    void file_is_sealed_in_the_database_and_nobody_elses_until_it_is_confirmed() {
        String nora = name("sealed-nora");
        String preview = give(PEOPLE, "people.jsonl", "{\"username\":\"" + nora + "\",\"email\":\"n@example.org\"}\n");
        assertThat(SERVER.get(dev.countersign.store.Database.class)
                        .sql()
                        .sql("SELECT sealed_piece FROM import_file_piece")
                        .query((row, _) -> new String(row.getBytes(1), StandardCharsets.ISO_8859_1))
                        .list())
                .isNotEmpty()
                .noneMatch(piece -> piece.contains(nora));
        TestBrowser other = Pages.signedIn(SERVER, SERVER.enrolled(name("other"), Role.ADMINISTRATOR));
        assertThat(other.get(preview).status()).isEqualTo(404);
        browser.get(preview);
        assertThat(browser.post(preview + "/discard").location()).isEqualTo(PEOPLE);
        assertThat(browser.get(preview).status()).isEqualTo(404);
        assertThat(pieces(preview)).isZero();
    }

    @Test
    void long_file_goes_on_in_the_background_after_the_page_was_left() {
        StringBuilder file = new StringBuilder("username,email\n");
        String prefix = name("long");
        for (int i = 0; i < 2_000; i++) {
            file.append(prefix).append('-').append(i).append(",someone@example.org\n");
        }
        String preview = give(PEOPLE, "people.csv", file.toString());
        assertThat(browser.get(preview).body()).contains(">2,000<", "The first 100 are shown");
        browser.post(preview);
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        String page = browser.get(preview).body();
        while (!page.contains("Finished") && System.nanoTime() < deadline) {
            assertThat(page).contains("You can leave this page");
            page = browser.get(preview).body();
        }
        assertThat(account(prefix + "-1999")).isPresent();
    }

    @Test
    void roles_are_not_taken_from_a_file_and_keycloak_realms_are_read() {
        String eva = name("evil");
        String preview = give(PEOPLE, "people.csv", "username,email,role\n" + eva + ",e@example.org,administrator\n");
        assertThat(browser.get(preview).body()).contains("Roles come from a file only", "disabled");
        String realm = "{\"realm\":\"x\",\"users\":[{\"username\":\"" + name("kc") + "\",\"email\":\"k@example.org\","
                + "\"enabled\":true}]}";
        assertThat(browser.get(give(PEOPLE, "realm.json", realm)).body()).contains("kc-");
    }

    @Test
    void importing_needs_a_fresh_second_factor_and_comes_back_to_the_preview() {
        String preview = give(PEOPLE, "people.csv", "username,email\n" + name("fresh") + ",f@example.org\n");
        SERVER.clock().advance(Duration.ofMinutes(11));
        browser.get("/account");
        assertThat(browser.get(preview).location()).isEqualTo("/sign-in/confirm?to=" + preview);
        assertThat(browser.post(preview).location()).isEqualTo("/sign-in/confirm?to=" + preview);
        assertThat(SERVER.count(
                        "SELECT count(*) FROM import_file WHERE started_at IS NOT NULL AND id = ?", id(preview)))
                .isZero();
    }

    @Test
    void licence_without_import_says_so_and_takes_nothing_in() {
        String nora = name("licence");
        String preview = give(PEOPLE, "people.csv", "username,email\n" + nora + ",f@example.org\n");
        browser.get(preview);
        Entitlements entitlements = SERVER.get(Entitlements.class);
        entitlements.set(
                SERVER.environment().id(),
                new Entitlement(EnumSet.of(Feature.MAIL), Optional.empty(), Optional.empty()),
                Actor.SYSTEM,
                Origin.SYSTEM,
                SERVER.clock().instant());
        try {
            assertThat(browser.get(GROUPS).body()).contains("Your licence does not include this");
            assertThat(browser.get(PEOPLE).body()).contains("Your licence does not include this");
            assertThat(browser.post(preview).body()).contains("Your licence does not include this");
            assertThat(account(nora)).isEmpty();
        } finally {
            entitlements.remove(
                    SERVER.environment().id(),
                    Actor.SYSTEM,
                    Origin.SYSTEM,
                    SERVER.clock().instant());
        }
    }

    @Test
    void what_is_no_file_of_people_is_refused_with_what_to_do() {
        browser.get(PEOPLE);
        assertThat(browser.postFile(PEOPLE, "people.xlsx", new byte[] {1, 2}).body())
                .contains("must end in .csv, .jsonl or .json");
        browser.get(PEOPLE);
        assertThat(browser.postFile(PEOPLE, "", new byte[0]).body()).contains("Please choose a file");
        String broken = give(PEOPLE, "people.csv", "nothing,known\n1,2\n");
        assertThat(browser.get(broken).body()).contains("The rest of the file was not read");
        for (String name : java.util.List.of("a.csv", "b.jsonl", "c.json")) {
            String binary = give(PEOPLE, name, "\u0000\u0001\ufffd{[");
            assertThat(browser.get(binary).status()).as(name).isEqualTo(200);
        }
    }

    @Test
    void forms_with_files_are_read_on_two_pages_only_from_people_signed_in_and_up_to_a_size() {
        byte[] small = "username\n".getBytes(StandardCharsets.UTF_8);
        assertThat(SERVER.browser().postFile("/sign-in", "a.csv", small).status())
                .isEqualTo(415);
        assertThat(browser.postFile("/console/people/new", "a.csv", small).status())
                .isEqualTo(415);
        assertThat(SERVER.browser().postFile(PEOPLE, "a.csv", small).status()).isEqualTo(403);
        TestBrowser forger = browser.fork();
        forger.get("/nothing");
        assertThat(SERVER.browser().postFile("/api/v1/sign-ins", "a.csv", small).status())
                .isEqualTo(415);
        browser.get(PEOPLE);
        TestBrowser.Reply large = browser.postFile(PEOPLE, "a.csv", new byte[(33 << 20)]);
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.body()).contains("A file has at most 32 MB here");
        TestBrowser user = Pages.signedIn(SERVER, SERVER.enrolled(name("user")));
        user.get("/account");
        assertThat(user.postFile(PEOPLE, "a.csv", small).status()).isEqualTo(403);
    }

    @Test
    void file_without_the_token_of_the_page_is_refused() {
        TestBrowser forged = new TestBrowser(SERVER.url());
        forged.cookies().putAll(browser.cookies());
        assertThat(forged.postFile(PEOPLE, "a.csv", "username\n".getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(403);
    }

    @Test
    void groups_are_previewed_exactly_and_rows_only_add() {
        Account anna = SERVER.person(name("groups-anna"));
        String sales = name("Sales");
        String north = name("North");
        String file = "group,member,nested\n" + sales + ",,\n" + sales + ",," + north + "\n" + north + ","
                + anna.username() + ",\n" + sales + ",nobody-at-all,\n" + north + ",," + sales + "\n";
        String preview = give(GROUPS, "groups.csv", file);
        String page = browser.get(preview).body();
        assertThat(page)
                .contains(sales, north, anna.username(), "Line 5", "nobody-at-all", "would stand in itself")
                .contains("<dt>New groups</dt><dd>2</dd>")
                .contains("<dt>Groups put into another</dt><dd>1</dd>")
                .contains("<dt>Members added</dt><dd>1</dd>")
                .contains("<dt>Refused</dt><dd>2</dd>");
        assertThat(group(sales)).isEmpty();
        browser.post(preview);
        assertThat(browser.get(preview).body()).contains("Finished", "Line 5", "Line 6");
        assertThat(SERVER.get(Groups.class).members(group(north).orElseThrow().id(), "", 10))
                .extracting(Groups.Member::username)
                .containsExactly(anna.username());
        browser.get(GROUPS);
        TestBrowser.Reply pasted = browser.post(GROUPS, "text", file);
        assertThat(browser.get(pasted.location()).body())
                .contains("<dt>New groups</dt><dd>0</dd>", "<dt>Left as it is</dt><dd>3</dd>", "disabled");
    }

    @Test
    void ac_218_exported_groups_hold_no_formula_and_come_back_as_they_were() {
        Account anna = SERVER.person("+formula-" + name("anna"));
        Group risky = SERVER.group(name("-cmd (x)"), anna);
        Group inner = SERVER.group(name("@inner & 'quoted'"));
        SERVER.get(Groups.class)
                .nest(
                        SERVER.environment().id(),
                        risky,
                        inner,
                        Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        String csv = browser.get("/console/groups/export.csv").body();
        assertThat(csv).startsWith("group,member,nested\r\n").contains("'-cmd (x)", "'+formula-");
        assertThat(csv.lines())
                .noneMatch(line -> line.matches("[\"]?[=+@-].*") || line.contains(",=") || line.contains(",+"));
        String again = browser.get(give(GROUPS, "groups.csv", csv)).body();
        assertThat(again)
                .as("the file changes nothing here")
                .contains("<dt>New groups</dt><dd>0</dd>")
                .contains("<dt>Members added</dt><dd>0</dd>")
                .contains("<dt>Refused</dt><dd>0</dd>");
        for (Group group : java.util.List.of(risky, inner)) {
            browser.get("/console/groups/" + group.id().value() + "/delete");
            browser.post("/console/groups/" + group.id().value() + "/delete");
        }
        String preview = give(GROUPS, "groups.csv", csv);
        browser.get(preview);
        browser.post(preview);
        Group back = group(risky.name()).orElseThrow();
        assertThat(SERVER.get(Groups.class).members(back.id(), "", 10))
                .extracting(Groups.Member::username)
                .containsExactly(anna.username());
        assertThat(browser.get("/console/groups/export.csv").body().lines().sorted())
                .containsExactlyElementsOf(csv.lines().sorted().toList());
        assertThat(Username.lookupKey(inner.name())).isPresent();
    }
}
