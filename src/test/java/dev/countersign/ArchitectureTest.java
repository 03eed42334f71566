package dev.countersign;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.Proof;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Facts;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Rules;
import dev.countersign.policy.Why;
import dev.countersign.session.Sessions;
import dev.countersign.signin.SignIn;
import dev.countersign.signin.SignInEvent;
import dev.countersign.signin.SignInFlow;
import dev.countersign.vault.Hmac;
import dev.countersign.vault.SecretBytes;
import dev.countersign.web.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.web.bind.annotation.RequestMapping;

/** The rules of the code that its readers rely on. */
class ArchitectureTest {
    private static final ImportOption NO_TESTS = new ImportOption.DoNotIncludeTests();
    private static final ApplicationModules MODULES =
            ApplicationModules.of("dev.countersign", ArchitectureTest::isWritten);
    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ArchitectureTest::isWritten)
            .importPackages("dev.countersign");
    private static final Path DIAGRAM = Path.of("docs/modules.md");

    /** Neither a test nor what Spring writes when the program is packaged, which lies among the classes from then on. */
    private static boolean isWritten(Location place) {
        return NO_TESTS.includes(place) && !place.contains("__");
    }

    /** Classes of doors that make replies for their {@code *Pages} and {@code *Api}, and the gate. */
    private static final String REPLIES =
            ".*\\.(SignInReplies|SignInAnswers|Lists|Events|PhoneCallers|PhoneProblems|GateValve|Asked)";

    /** Classes that may ask the machine for the time, its environment or its user. */
    private static final String AT_THE_EDGE =
            "dev\\.countersign\\.(Countersign|kernel\\.Stopwatch|cli\\.(Program|InstallationOptions|RunningServer|ServerBeans))(\\$.*)?";

    // Modules

    @Test
    void a_module_uses_only_what_it_declares_and_never_in_a_circle() {
        MODULES.verify();
    }

    /** The server does not start otherwise, and two who work at the same time take the same number easily. */
    @Test
    void every_migration_has_a_number_of_its_own() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/db/migration/common"))) {
            assertThat(files.map(file -> file.getFileName().toString().replaceAll("__.*", "")))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void every_module_declares_what_it_uses() {
        MODULES.stream()
                .filter(module -> !module.isRootModule())
                .forEach(module -> assertThat(module.getBasePackage()
                                .findAnnotation(org.springframework.modulith.ApplicationModule.class))
                        .as("@ApplicationModule of %s", module.getIdentifier())
                        .isPresent());
    }

    @Test
    void the_diagram_of_modules_is_current() throws IOException {
        String drawn = diagram();
        boolean current = Files.exists(DIAGRAM) && Files.readString(DIAGRAM).equals(drawn);
        if (!current) {
            Files.createDirectories(DIAGRAM.getParent());
            Files.writeString(DIAGRAM, drawn);
        }
        assertThat(current)
                .as(DIAGRAM + " was not current; it has been written anew, commit it")
                .isTrue();
    }

    private static String diagram() throws IOException {
        Map<String, Set<String>> uses = new TreeMap<>();
        MODULES.stream().filter(module -> !module.isRootModule()).forEach(module -> {
            Set<String> used = new TreeSet<>();
            module.getDirectDependencies(MODULES)
                    .uniqueModules()
                    .forEach(other -> used.add(other.getIdentifier().toString()));
            uses.put(module.getIdentifier().toString(), used);
        });
        StringBuilder text = new StringBuilder("""
                # Modules

                Each package below `dev.countersign` is a module. Its `package-info.java` lists the modules it may use; a test
                compares that with the code, and writes this page. An arrow means "uses"; what a module uses through another
                one as well has no arrow of its own.

                ```mermaid
                graph TD
                """);
        uses.forEach((module, used) -> used.stream()
                .filter(other -> used.stream().noneMatch(between -> reaches(uses, between, other)))
                .forEach(other -> text.append("  ")
                        .append(module)
                        .append(" --> ")
                        .append(other)
                        .append('\n')));
        text.append("```\n\n| Module | What it is | Uses |\n|---|---|---|\n");
        for (Map.Entry<String, Set<String>> module : uses.entrySet()) {
            text.append("| `")
                    .append(module.getKey())
                    .append("` | ")
                    .append(sentence(module.getKey()))
                    .append(" | ")
                    .append(String.join(", ", module.getValue()))
                    .append(" |\n");
        }
        return text.toString();
    }

    /** Whether {@code from} uses {@code to}, itself or through others. */
    private static boolean reaches(Map<String, Set<String>> uses, String from, String to) {
        Set<String> used = uses.getOrDefault(from, Set.of());
        return used.contains(to) || used.stream().anyMatch(next -> reaches(uses, next, to));
    }

    private static String sentence(String module) throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/countersign", module, "package-info.java"));
        Matcher comment = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL).matcher(source);
        assertThat(comment.find()).as("a sentence about %s", module).isTrue();
        return comment.group(1).replaceAll("\\s*\\n\\s*\\*?\\s*", " ").strip();
    }

    // Who may do what

    @Test
    void only_stores_speak_sql() {
        noClasses()
                .that(not(resideInAPackage("dev.countersign.store..")).and(not(nameMatching(".*Store(\\$.*)?"))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework.jdbc..", "java.sql..", "javax.sql..", "com.zaxxer..")
                .check(CODE);
    }

    @Test
    void only_the_vault_touches_cryptography_and_chance() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.countersign.vault..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("javax.crypto..", "com.google.crypto..")
                        .or(nameMatching("java\\.security\\.SecureRandom|java\\.util\\.Random|"
                                + "java\\.util\\.concurrent\\.ThreadLocalRandom|java\\.security\\.Key.*")))
                .check(CODE);
        noClasses()
                .that(not(nameMatching(
                        "dev\\.countersign\\.(factor\\.password\\.(Argon2id|ForeignHash)|vault\\.BackupCipher).*")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bouncycastle..", "de.mkammerer..")
                .check(CODE);
    }

    @Test
    void only_pages_and_machine_doors_speak_http() {
        noClasses()
                .that(not(resideInAPackage("dev.countersign.web.."))
                        .and(not(nameMatching(".*(Pages|Api)(\\$.*)?")))
                        .and(not(nameMatching(REPLIES))))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "jakarta.servlet..",
                        "org.springframework.web..",
                        "org.springframework.http..",
                        "org.springframework.ui..",
                        "org.springframework.security..")
                .check(CODE);
    }

    @Test
    void every_route_says_who_may_call_it() {
        methods()
                .that()
                .areMetaAnnotatedWith(RequestMapping.class)
                .should()
                .beAnnotatedWith(Access.class)
                .check(CODE);
    }

    @Test
    void time_chance_and_the_machine_come_in_at_the_edge() {
        noClasses()
                .that(not(resideInAPackage("dev.countersign.vault..")).and(not(nameMatching(AT_THE_EDGE))))
                .should()
                .accessTargetWhere(call("java\\.time\\.\\w+", "now|system\\w*|tick\\w*")
                        .or(call("java\\.lang\\.System", "currentTimeMillis|nanoTime|getenv"))
                        .or(call("java\\.lang\\.Thread", "sleep"))
                        .or(call("java\\.util\\.UUID", "randomUUID"))
                        .or(call("java\\.util\\.Random|java\\.util\\.Date", "<init>"))
                        .or(call("java\\.lang\\.Math", "random")))
                .check(CODE);
    }

    private static DescribedPredicate<JavaAccess<?>> call(String owner, String name) {
        Pattern owners = Pattern.compile(owner);
        Pattern names = Pattern.compile(name);
        return DescribedPredicate.describe(
                owner + "." + name,
                access -> owners.matcher(access.getTargetOwner().getName()).matches()
                        && names.matcher(access.getTarget().getName()).matches());
    }

    @Test
    void nobody_prints_or_ends_the_program_but_its_main() {
        noClasses()
                .that(not(nameMatching("dev\\.countersign\\.Countersign")))
                .should()
                .accessTargetWhere(
                        call("java\\.lang\\.System", "exit|out|err").or(call("java\\.lang\\.Runtime", "exit|halt")))
                .check(CODE);
    }

    @Test
    void the_words_of_the_product_need_nothing_but_java() {
        classes()
                .that()
                .resideInAPackage("dev.countersign.kernel..")
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "dev.countersign.kernel..", "org.jspecify..")
                .check(CODE);
        noClasses()
                .that()
                .resideInAPackage("dev.countersign.kernel..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "java.sql..")
                .check(CODE);
    }

    @Test
    void what_decides_is_pure() {
        DescribedPredicate<JavaClass> words = resideInAnyPackage("java.lang..", "java.util..", "java.time..")
                .or(resideInAnyPackage("dev.countersign.kernel..", "org.jspecify.."))
                .or(DescribedPredicate.describe(
                        "Mac of RFC 6238",
                        type -> type.isEquivalentTo(Hmac.class) || type.isEquivalentTo(SecretBytes.class)))
                .or(nameMatching("java\\.nio\\.(ByteBuffer|charset\\..*)|java\\.security\\.MessageDigest"));
        DescribedPredicate<JavaClass> ofPolicy =
                oneOf(Policy.class, Rules.class, Facts.class, Decision.class, Why.class);
        DescribedPredicate<JavaClass> ofSignIn = oneOf(SignInFlow.class, SignIn.class, SignInEvent.class)
                .or(nameMatching("dev\\.countersign\\.factor\\.(Subject|Challenge)(\\$.*)?"));
        classes()
                .that(oneOf(Totp.class))
                .should()
                .onlyDependOnClassesThat(words.or(oneOf(Totp.class)))
                .check(CODE);
        classes()
                .that(ofPolicy)
                .should()
                .onlyDependOnClassesThat(words.or(ofPolicy))
                .check(CODE);
        classes()
                .that(ofSignIn)
                .should()
                .onlyDependOnClassesThat(words.or(ofPolicy).or(ofSignIn))
                .check(CODE);
    }

    /** These classes and what is nested in them, also what the compiler makes for a switch. */
    private static DescribedPredicate<JavaClass> oneOf(Class<?>... types) {
        Set<String> names = new TreeSet<>();
        for (Class<?> type : types) {
            names.add(type.getName());
        }
        return DescribedPredicate.describe(
                "one of " + names,
                type -> names.contains(type.getBaseComponentType().getName().replaceAll("\\$.*", "")));
    }

    // Proofs and sessions

    /** {@link dev.countersign.kernel.Proofs#carriedOver} makes none of what was not shown: only less of what was. */
    @Test
    void a_proof_is_made_where_something_was_shown_or_read_back() {
        noClasses()
                .that(not(nameMatching("dev\\.countersign\\.(factor\\..*Factor(\\$.*)?"
                        + "|signin\\.(SignInSteps|Forecasts)|signin\\.SignInCodec|session\\.SessionStore|setup\\.SetupPages"
                        + "|kernel\\.Proofs)")))
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "new Proof", call -> call.getTargetOwner().isEquivalentTo(Proof.class)))
                .check(CODE);
    }

    @Test
    void a_sign_in_is_completed_by_its_flow_alone() {
        noClasses()
                .that(not(oneOf(SignInFlow.class)))
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "new Complete", call -> call.getTargetOwner().isEquivalentTo(SignIn.Complete.class)))
                .check(CODE);
    }

    @Test
    void a_session_is_issued_by_the_sign_in_alone() {
        noClasses()
                .that(not(nameMatching("dev\\.countersign\\.signin\\.SignInSteps")))
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "Sessions.issue",
                        call -> call.getTargetOwner().isEquivalentTo(Sessions.class)
                                && call.getTarget().getName().equals("issue")))
                .check(CODE);
    }

    @Test
    void secrets_are_not_kept_as_plain_text() {
        fields().that()
                .haveNameMatching("(?i)(?!sealed).*(secret|password|token)")
                .and()
                .areDeclaredInClassesThat(not(resideInAPackage("dev.countersign.vault.."))
                        // What people send and are sent as JSON, and options that name files.
                        .and(
                                not(
                                        nameMatching(
                                                ".*SignInApi\\$(Begin|Reply)|.*SignInAnswers\\$.*|.*\\.(api|companion)\\.\\w+Api\\$\\w+")))
                        .and(not(nameMatching(".*DemoData\\$Made|.*SetupLinks\\$.*|.*SignIn\\w*Store"))))
                .and()
                .areNotStatic()
                .should(new com.tngtech.archunit.lang.ArchCondition<>("not be text or bytes") {
                    @Override
                    public void check(
                            com.tngtech.archunit.core.domain.JavaField field,
                            com.tngtech.archunit.lang.ConditionEvents events) {
                        String type = field.getRawType().getName();
                        boolean plain = type.equals("java.lang.String") || type.equals("[B");
                        events.add(
                                new com.tngtech.archunit.lang.SimpleConditionEvent(field, !plain, field.getFullName()));
                    }
                })
                .check(CODE);
    }

    // Names

    @Test
    void no_name_says_nothing() {
        noClasses()
                .should()
                .haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|Dto|DTO|Base)(\\$.*)?")
                .orShould()
                .haveNameMatching(".*\\.Abstract[A-Z].*")
                .check(CODE);
    }

    @Test
    void a_suffix_says_what_a_class_is() {
        classes()
                .that()
                .areAnnotatedWith(org.springframework.stereotype.Controller.class)
                .should()
                .haveNameMatching(".*Pages")
                .check(CODE);
        classes()
                .that()
                .areAnnotatedWith(org.springframework.web.bind.annotation.RestController.class)
                .should()
                .haveNameMatching(".*Api")
                .check(CODE);
        classes()
                .that()
                .implement(dev.countersign.factor.Factor.class)
                .should()
                .haveNameMatching(".*Factor")
                .check(CODE);
        methods()
                .that()
                .areMetaAnnotatedWith(org.springframework.scheduling.annotation.Scheduled.class)
                .should()
                .beDeclaredInClassesThat(nameMatching(".*Job"))
                .check(CODE);
    }
}
