package dev.countersign.threats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.NewAccount;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.Role;
import dev.countersign.policy.Policies;
import dev.countersign.policy.Rules;
import dev.countersign.support.TestBrowser;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** People, groups and bulk work in the console, by HTTP: found, changed, confirmed, refused. */
class ConsolePeopleTest {
    private static final TestServer SERVER = TestServer.start();

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

    private static int names;

    private static String name(String of) {
        return of + "-" + ++names;
    }

    private static String page(Account account) {
        return "/console/people/" + account.id().value();
    }

    private static long apps(Account account) {
        return SERVER.count(
                "SELECT count(*) FROM totp WHERE account_id = ?", account.id().value());
    }

    private TestBrowser.Reply choose(String action, Account... people) {
        browser.get("/console/people");
        List<String> fields = new ArrayList<>(List.of("action", action));
        for (Account account : people) {
            fields.addAll(List.of("id", account.id().value()));
        }
        return browser.post("/console/people/choose", fields.toArray(String[]::new));
    }

    @Test
    void list_finds_by_text_role_group_source_and_status_and_the_address_keeps_it() {
        Enrolled anna = SERVER.enrolled(name("filter-anna"));
        Account bert = SERVER.person(name("filter-bert"), Role.AUDITOR);
        Group sales = SERVER.group(name("Sales"), bert);
        assertThat(found("q=filter-")).contains(anna.account().username(), bert.username());
        assertThat(found("q=filter-&role=auditor"))
                .contains(bert.username())
                .doesNotContain(anna.account().username());
        assertThat(found("q=filter-&status=enrolled"))
                .contains(anna.account().username())
                .doesNotContain(bert.username());
        assertThat(found("q=filter-&group=" + sales.id().value()))
                .contains(bert.username())
                .doesNotContain(anna.account().username());
        assertThat(found("q=filter-&source=import")).doesNotContain(bert.username());
        assertThat(found("q=filter-&role=auditor")).contains("/console/people/export.csv?q=filter-&amp;role=auditor");
        for (String sort : List.of("username", "name", "last-sign-in", "nonsense")) {
            assertThat(found("q=filter-&sort=" + sort)).contains(bert.username());
        }
    }

    private String found(String query) {
        TestBrowser.Reply reply = browser.get("/console/people?" + query);
        assertThat(reply.status()).as(query).isEqualTo(200);
        return reply.body();
    }

    @Test
    void every_change_to_one_person_leads_back_to_the_list_they_were_found_in() {
        Account bert = SERVER.person(name("kept-bert"));
        String search = "q=kept-bert&status=not-covered";
        String from = "?from=" + URLEncoder.encode(search, StandardCharsets.UTF_8);
        String shown = "from=q%3Dkept-bert%26status%3Dnot-covered";
        String person = browser.get(page(bert) + from).body();
        for (String what : List.of("edit", "role", "password", "replace-phone", "delete")) {
            assertThat(person).as(what).contains(page(bert) + "/" + what + "?from=");
            String form = browser.get(page(bert) + "/" + what + from).body();
            assertThat(form).as(what).contains("name=\"from\" value=\"q=kept-bert&amp;status=not-covered\"");
            assertThat(form).as("back from " + what).contains(page(bert) + "?" + shown);
        }
        List<List<String>> changes = List.of(
                List.of("edit", "username", bert.username(), "displayName", "Bert", "email", "b@example.org"),
                List.of("role", "role", "auditor"),
                List.of("password", "password", "a long new password"),
                List.of("session", "session", "none"));
        for (List<String> change : changes) {
            List<String> fields = new ArrayList<>(change.subList(1, change.size()));
            fields.addAll(List.of("from", search));
            TestBrowser.Reply done = browser.post(page(bert) + "/" + change.getFirst(), fields.toArray(String[]::new));
            assertThat(done.location())
                    .as(change.getFirst())
                    .startsWith(page(bert))
                    .contains(shown);
        }
        assertThat(browser.post(page(bert) + "/replace-phone", "from", search).body())
                .contains(page(bert) + "?" + shown);
        assertThat(browser.post(page(bert) + "/delete", "from", search).location())
                .isEqualTo("/console/people?" + search + "&notice=saved");
        SERVER.clock().advance(Duration.ofMinutes(11));
        Account cora = SERVER.person(name("kept-cora"));
        browser.get("/account");
        assertThat(browser.get(page(cora) + "/delete" + from).location())
                .as("after the code, the same page with the same list")
                .contains("/sign-in/confirm?to=")
                .contains("kept-bert");
    }

    @Test
    void list_is_paged_forth_and_back_by_place_and_not_by_number() {
        for (int i = 0; i < 60; i++) {
            SERVER.get(Accounts.class)
                    .create(
                            SERVER.environment().id(),
                            new NewAccount("paged-%02d".formatted(i), "Paged " + i, "paged@example.org", Role.USER),
                            dev.countersign.activity.Actor.SYSTEM,
                            Origin.SYSTEM,
                            SERVER.clock().instant());
        }
        String first = found("q=paged-");
        assertThat(first)
                .contains(">paged-00<", ">paged-49<")
                .doesNotContain(">paged-50<")
                .contains("60 people");
        String second = browser.get(link(first, "next")).body();
        assertThat(second).contains(">paged-50<", ">paged-59<").doesNotContain(">paged-49<");
        assertThat(browser.get(link(second, "prev")).body()).contains(">paged-00<", ">paged-49<");
    }

    private static String link(String page, String rel) {
        java.util.regex.Matcher link = java.util.regex.Pattern.compile("rel=\"" + rel + "\" href=\"([^\"]+)\"")
                .matcher(page);
        assertThat(link.find()).as(rel).isTrue();
        return link.group(1).replace("&amp;", "&");
    }

    @Test
    void bad_addresses_are_answered_and_never_with_a_failure() {
        for (String query : List.of(
                "key=%00&after=aaaa",
                "key=x&before=%27--",
                "status=x&role=y&group=%C3%A4&source=z",
                "q=%00",
                "q=" + "a".repeat(3_000),
                "sort=last-sign-in&key=no-number&after=aaaa")) {
            assertThat(browser.get("/console/people?" + query).status())
                    .as(query)
                    .isIn(200, 400);
        }
        for (String path : List.of(
                "/console/people/A", "/console/people/aaaa", "/console/jobs/aaaa", "/console/groups/A/delete")) {
            assertThat(browser.get(path).status()).as(path).isEqualTo(404);
        }
        browser.get("/console/people");
        assertThat(browser.post("/console/people/choose", "action", "explode").status())
                .isEqualTo(400);
        assertThat(browser.post("/console/people/choose", "action", "reset").location())
                .contains("problem=nothing-selected");
    }

    @Test
    void ac_218_a_file_holds_no_formula_and_no_secret() {
        Account anna = ((Accounts.Creation.Created) SERVER.get(Accounts.class)
                        .create(
                                SERVER.environment().id(),
                                new NewAccount(name("formula"), "=cmd|' /C calc'!A0", "calc@example.org", Role.USER),
                                dev.countersign.activity.Actor.SYSTEM,
                                Origin.SYSTEM,
                                SERVER.clock().instant()))
                .account();
        TestBrowser.Reply csv = browser.get("/console/people/export.csv?q=formula");
        assertThat(csv.header("Content-Disposition").orElse("")).startsWith("attachment");
        assertThat(csv.body())
                .contains("\"" + anna.username() + "\",\"'=cmd|' /C calc'!A0\"")
                .doesNotContain("\"=");
        assertThat(browser.get("/console/people/export.json?q=formula").body())
                .startsWith("[")
                .contains("\"username\":\"" + anna.username() + "\"")
                .doesNotContain("argon2");
    }

    @Test
    void reset_of_one_ends_on_their_page_and_of_many_on_the_page_of_the_work() {
        Enrolled anna = SERVER.enrolled(name("reset-anna"));
        Enrolled bert = SERVER.enrolled(name("reset-bert"));
        TestBrowser.Reply one = choose("reset", anna.account());
        assertThat(apps(anna.account())).as("nothing has happened yet").isEqualTo(1);
        assertThat(browser.get(one.location()).body())
                .contains("For 1 person", anna.account().username());
        TestBrowser.Reply done = browser.post(one.location() + "/begin");
        assertThat(done.location()).isEqualTo(page(anna.account()) + "?done=reset");
        assertThat(browser.get(done.location()).body()).contains("Done: Reset two-factor authentication.");
        assertThat(apps(anna.account())).isZero();

        TestBrowser.Reply many = choose("reset", anna.account(), bert.account(), ada.account());
        assertThat(browser.get(many.location()).body()).contains("For 2 people", "You yourself");
        TestBrowser.Reply result = browser.post(many.location() + "/begin");
        String body = browser.get(result.location()).body();
        assertThat(body).contains("Finished", "Use My account");
        assertThat(apps(bert.account())).isZero();
        assertThat(apps(ada.account())).isEqualTo(1);
        assertThat(browser.get("/console/jobs").body()).contains("2 of 3");
        assertThat(browser.post(many.location() + "/begin").location())
                .as("a second time")
                .isEqualTo(many.location());
    }

    @Test
    void after_a_confirmation_one_is_back_at_the_same_filtered_list() {
        Account anna = SERVER.person(name("kept-anna"));
        Account bert = SERVER.person(name("kept-bert"));
        String list = "/console/people?q=kept&role=user&sort=name";
        String shown = "href=\"" + list.replace("&", "&amp;") + "\"";
        browser.get(list);
        TestBrowser.Reply many = browser.post(
                "/console/people/choose" + list.substring(15),
                "action",
                "unlock",
                "id",
                anna.id().value(),
                "id",
                bert.id().value());
        assertThat(browser.get(many.location()).body()).contains(shown);
        String from = "q=kept&role=user&sort=name";
        TestBrowser.Reply begun = browser.post(many.location().replaceAll("\\?.*", "") + "/begin", "from", from);
        assertThat(browser.get(begun.location()).body()).contains("Finished", shown);
        Matcher person = Pattern.compile("href=\"(/console/people/" + bert.id().value() + "[^\"]*)\"")
                .matcher(browser.get(list).body());
        assertThat(person.find()).isTrue();
        assertThat(browser.get(person.group(1).replace("&amp;", "&")).body()).contains(shown);
        TestBrowser.Reply one = browser.post(
                "/console/people/choose", "action", "unlock", "id", bert.id().value(), "from", from);
        TestBrowser.Reply done = browser.post(one.location().replaceAll("\\?.*", "") + "/begin", "from", from);
        assertThat(done.location()).contains("done=unlock");
        assertThat(browser.get(done.location()).body()).contains(shown);
        for (String nonsense : List.of("//evil.example", "%", "=", "q=%zz&status=x", "javascript:alert(1)")) {
            TestBrowser.Reply reply =
                    browser.get(page(bert) + "?from=" + URLEncoder.encode(nonsense, StandardCharsets.UTF_8));
            assertThat(reply.status()).as(nonsense).isEqualTo(200);
            assertThat(reply.body())
                    .as(nonsense)
                    .contains("href=\"/console/people\"")
                    .doesNotContain("evil.example");
        }
    }

    @Test
    void people_for_the_rule_are_found_and_ticked_and_what_was_typed_stays() {
        Account anna = SERVER.person(name("rule-anna"));
        Account bert = SERVER.person(name("rule-bert"));
        browser.get("/console/security/edit");
        String[] typed = {"mode", "REQUIRED", "scope", "SELECTED", "style", "ONE_PAGE", "people", "someone-typed"};
        String search = browser.post("/console/security/find", with(typed, "do", "search", "q", "rule-anna"))
                .body();
        assertThat(search).contains(anna.username(), "someone-typed").contains("name=\"style\" value=\"ONE_PAGE\"");
        String again = browser.post(
                        "/console/security/find",
                        with(
                                typed,
                                "do",
                                "search",
                                "q",
                                "rule-bert",
                                "id",
                                anna.id().value()))
                .body();
        assertThat(again).contains("value=\"" + anna.id().value() + "\" checked", bert.username());
        String edit = browser.post(
                        "/console/security/find",
                        with(
                                typed,
                                "do",
                                "add",
                                "id",
                                anna.id().value(),
                                "id",
                                bert.id().value()))
                .body();
        assertThat(edit)
                .contains("someone-typed\n" + anna.username() + "\n" + bert.username())
                .containsPattern("value=\"ONE_PAGE\" checked");
    }

    @Test
    void search_dialog_is_answered_with_a_piece_of_a_page() {
        Account anna = SERVER.person(name("piece-anna"));
        SERVER.person(name("piece-bert"));
        SERVER.group("Quai des Grèves " + name("north"));
        String found = browser.get("/console/find/people?q=PIECE-").body();
        assertThat(found)
                .contains("data-count=\"2 people\"", "value=\"" + anna.id().value() + "\"")
                .contains("data-name=\"" + anna.username() + "\"")
                .doesNotContain("<html", "<script", "_csrf");
        assertThat(browser.get("/console/find/groups?q=greves+QUAI").body())
                .contains("data-count=\"1 group\"", "Quai des Grèves")
                .doesNotContain("<html");
        for (String nothing : List.of("nobody-at-all", "%F0%9F%A7%A8", "x".repeat(1_000))) {
            for (String kind : List.of("people", "groups")) {
                TestBrowser.Reply reply = browser.get("/console/find/" + kind + "?q=" + nothing);
                assertThat(reply.status()).as(nothing).isEqualTo(200);
                assertThat(reply.body())
                        .as(nothing)
                        .contains("Check the spelling")
                        .doesNotContain("<li");
            }
        }
        for (int i = 0; i < 21; i++) {
            SERVER.group("Berth " + i);
        }
        assertThat(browser.get("/console/find/groups?q=berth").body()).contains("21 groups", "There are more");
    }

    private static String[] with(String[] typed, String... more) {
        return Stream.concat(Stream.of(typed), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void everyone_found_is_chosen_also_beyond_the_page() {
        for (int i = 0; i < 55; i++) {
            SERVER.person("allfound-" + i);
        }
        browser.get("/console/people?q=allfound-");
        TestBrowser.Reply reply = browser.post(
                "/console/people/choose",
                "action",
                "unlock",
                "all",
                "yes",
                "q",
                "allfound-",
                "id",
                ada.account().id().value());
        assertThat(browser.get(reply.location()).body()).contains("For 55 people");
        assertThat(browser.get(browser.post(reply.location().replaceAll("\\?.*", "") + "/begin")
                                .location())
                        .body())
                .contains("Finished");
    }

    @Test
    void ac_221_what_takes_something_away_asks_for_a_fresh_second_factor_and_comes_back() {
        Enrolled anna = SERVER.enrolled(name("fresh-anna"));
        SERVER.clock().advance(Duration.ofMinutes(11));
        browser.get("/account");
        TestBrowser.Reply prepared = choose("reset", anna.account());
        assertThat(browser.get(prepared.location()).location()).isEqualTo("/sign-in/confirm?to=" + prepared.location());
        assertThat(browser.post(prepared.location() + "/begin").location()).startsWith("/sign-in/confirm");
        for (String what : List.of("replace-phone", "delete", "password", "role")) {
            String path = page(anna.account()) + "/" + what;
            assertThat(browser.get(path).location()).as(what).isEqualTo("/sign-in/confirm?to=" + path);
            assertThat(browser.post(path, "role", "auditor", "password", "a long enough one")
                            .location())
                    .as(what)
                    .startsWith("/sign-in/confirm");
        }
        assertThat(apps(anna.account())).isEqualTo(1);
        browser.visit("/sign-in/confirm?to=" + prepared.location());
        TestBrowser.Reply asked = browser.post("/sign-in/password", "password", TestServer.PASSWORD);
        assertThat(browser.follow(asked).body()).contains("name=\"code\"");
        TestBrowser.Reply back = browser.post("/sign-in/code", "code", ada.app().code());
        assertThat(back.location()).as("back to what was chosen").isEqualTo(prepared.location());
        assertThat(browser.get(prepared.location()).body()).contains("For 1 person");
        assertThat(browser.post(prepared.location() + "/begin").location()).contains("done=reset");
    }

    @Test
    void a_person_is_created_changed_given_a_role_and_a_password_and_deleted() {
        browser.get("/console/people/new");
        String username = name("new-nora");
        TestBrowser.Reply created = browser.post(
                "/console/people/new",
                "username",
                username,
                "displayName",
                "Nora",
                "email",
                "nora@example.org",
                "role",
                "user");
        Account nora = SERVER.get(Accounts.class)
                .findByTypedName(SERVER.environment().id(), username)
                .orElseThrow();
        assertThat(created.location()).isEqualTo(page(nora) + "?notice=saved");
        browser.get("/console/people/new");
        assertThat(browser.post(
                                "/console/people/new",
                                "username",
                                username,
                                "displayName",
                                "N",
                                "email",
                                "",
                                "role",
                                "user")
                        .body())
                .as("taken")
                .contains("message-problem", "value=\"" + username + "\"");
        browser.post(page(nora) + "/edit", "username", username, "displayName", "Nora Two", "email", "two@example.org");
        browser.post(page(nora) + "/role", "role", "help-desk");
        browser.get(page(nora) + "/password");
        assertThat(browser.post(page(nora) + "/password", "password", "short").body())
                .contains("message-problem");
        browser.post(page(nora) + "/password", "password", "correct horse battery");
        Account changed = SERVER.get(Accounts.class).get(nora.id());
        assertThat(changed.displayName()).isEqualTo("Nora Two");
        assertThat(changed.role()).isEqualTo(Role.HELP_DESK);
        assertThat(SERVER.browser().signIn(username, "correct horse battery").location())
                .isEqualTo("/sign-in/new-password");
        browser.get(page(nora));
        browser.post(page(nora) + "/delete");
        assertThat(browser.get(page(nora)).status()).isEqualTo(404);
    }

    @Test
    void replaced_phone_shows_the_code_once_on_a_page_nobody_keeps() {
        Enrolled anna = SERVER.enrolled(name("phone-anna"));
        browser.get(page(anna.account()) + "/replace-phone");
        TestBrowser.Reply code = browser.post(page(anna.account()) + "/replace-phone");
        assertThat(code.body()).contains("id=\"read-out-code\"");
        assertThat(code.header("Cache-Control").orElse("")).contains("no-store");
        assertThat(apps(anna.account())).isZero();
        assertThat(browser.get(page(anna.account()) + "/replace-phone").body()).doesNotContain("read-out-code");
    }

    @Test
    void page_of_a_person_says_what_would_be_asked_and_by_which_rule() {
        Account anna = SERVER.person(name("asked-anna"));
        Group inner = SERVER.group(name("Inner"), anna);
        Group outer = SERVER.group(name("Outer"));
        SERVER.get(Groups.class)
                .nest(
                        SERVER.environment().id(),
                        outer,
                        inner,
                        dev.countersign.activity.Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        SERVER.get(Groups.class)
                .changeRole(
                        SERVER.environment().id(),
                        outer,
                        Optional.of(Role.AUDITOR),
                        dev.countersign.activity.Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant());
        SERVER.requireFor(outer);
        String body = browser.get(page(anna)).body();
        assertThat(body).contains("then setting up a code app", outer.name(), inner.name(), "Auditor", "by a group");
    }

    @Test
    void a_session_is_ended_from_the_persons_page() {
        Enrolled anna = SERVER.enrolled(name("session-anna"));
        TestBrowser annas = Pages.signedIn(SERVER, anna);
        String body = browser.get(page(anna.account())).body();
        String session = body.replaceAll("(?s).*name=\"session\" value=\"([a-z0-9-]+)\".*", "$1");
        browser.post(page(anna.account()) + "/session", "session", session);
        assertThat(annas.get("/account").status()).isEqualTo(303);
        Account other = SERVER.person(name("other"));
        browser.get(page(other));
        assertThat(browser.post(page(other) + "/session", "session", session).location())
                .contains("refused=not-found");
    }

    @Test
    void groups_are_made_nested_given_a_role_filled_by_search_and_deleted() {
        Account anna = SERVER.person(name("member-anna"));
        Account bert = SERVER.person(name("member-bert"));
        browser.get("/console/groups");
        String name = name("Field");
        String sales = browser.post("/console/groups", "name", name).location().replaceAll("\\?.*", "");
        String outer =
                browser.post("/console/groups", "name", name("All")).location().replaceAll("\\?.*", "");
        String outerId = outer.substring(outer.lastIndexOf('/') + 1);
        String salesId = sales.substring(sales.lastIndexOf('/') + 1);
        assertThat(browser.post("/console/groups", "name", name).body())
                .as("taken")
                .contains("message-problem");
        assertThat(browser.post(outer + "/nest", "child", salesId).location()).contains("notice=saved");
        assertThat(browser.post(sales + "/nest", "child", outerId).body()).contains("would stand in itself");

        browser.get(sales + "/add");
        String first =
                browser.post(sales + "/add", "do", "search", "q", "member-anna").body();
        assertThat(first).contains(anna.username());
        String second = browser.post(
                        sales + "/add",
                        "do",
                        "search",
                        "q",
                        "member-bert",
                        "id",
                        anna.id().value())
                .body();
        assertThat(second).contains("value=\"" + anna.id().value() + "\" checked", bert.username());
        browser.post(
                sales + "/add",
                "do",
                "add",
                "id",
                anna.id().value(),
                "id",
                bert.id().value());
        assertThat(browser.get(outer).body()).contains(anna.username(), bert.username());
        assertThat(browser.get("/console/groups").body()).contains(">2<");

        TestBrowser.Reply removal =
                browser.post(sales + "/remove", "id", anna.id().value());
        assertThat(browser.get(removal.location()).body()).contains("selected=\"selected\">" + name);
        String job = removal.location().replaceAll("\\?.*", "");
        browser.post(job + "/begin", "group", salesId);
        assertThat(browser.get(sales).body()).doesNotContain(anna.username()).contains(bert.username());
        assertThat(browser.get("/console/groups/export.csv").body()).contains(name + "," + bert.username() + ",");
        browser.get(sales + "/delete");
        browser.post(sales + "/delete");
        assertThat(browser.get(sales).status()).isEqualTo(404);
    }

    @Test
    void exemption_has_a_reason_and_an_end_and_is_ended() {
        Account anna = SERVER.person(name("exempt-anna"));
        String job = choose("exempt", anna).location();
        browser.get(job);
        assertThat(browser.post(job + "/begin", "reason", " ", "until", "2030-01-01")
                        .body())
                .contains("message-problem");
        assertThat(browser.post(job + "/begin", "reason", "x", "until", "tomorrow")
                        .body())
                .contains("message-problem");
        String until =
                SERVER.clock().instant().plus(Duration.ofDays(3)).toString().substring(0, 10);
        assertThat(browser.post(job + "/begin", "reason", "New phone", "until", until)
                        .location())
                .contains("done=exempt");
        assertThat(browser.get(page(anna)).body()).contains("New phone", "Exempt");
        String end = choose("end-exemption", anna).location();
        browser.get(end);
        browser.post(end + "/begin");
        assertThat(SERVER.get(Policies.class).exemptUntil(anna.id())).isEmpty();
    }

    @Test
    void ac_209_people_groups_and_work_of_another_environment_are_not_there() {
        String other = name("other-environment");
        Environment environment = SERVER.get(Environments.class)
                .create(
                        other,
                        Optional.of(other + ".example"),
                        "Other",
                        dev.countersign.activity.Actor.SYSTEM,
                        Origin.SYSTEM,
                        SERVER.clock().instant())
                .orElseThrow();
        Account there = ((Accounts.Creation.Created) SERVER.get(Accounts.class)
                        .create(
                                environment.id(),
                                new NewAccount("there", "There", "there@example.org", Role.USER),
                                dev.countersign.activity.Actor.SYSTEM,
                                Origin.SYSTEM,
                                SERVER.clock().instant()))
                .account();
        browser.get("/console/people");
        assertThat(browser.get(page(there)).status()).isEqualTo(404);
        for (String path : List.of("edit", "role", "password", "replace-phone", "delete", "session")) {
            assertThat(browser.post(page(there) + "/" + path, "role", "user").status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(browser.post(
                                "/console/people/choose",
                                "action",
                                "reset",
                                "id",
                                there.id().value())
                        .body())
                .contains("message-problem");
        assertThat(browser.get("/console/people/export.json").body()).doesNotContain("\"there\"");
    }
}
