package dev.countersign.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Rules;
import dev.countersign.support.TestServer;
import dev.countersign.support.TestServer.Enrolled;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that openapi-generator makes from our description compiles and signs in. */
class GeneratedClientTest {
    private static final Path GENERATOR = Path.of("target/tools/openapi-generator-cli.jar");
    private static final Path DRIVER = Path.of("src/test/resources/client/SignsIn.java");

    @TempDir
    private Path directory;

    @Test
    void a_generated_client_compiles_and_signs_in() throws Exception {
        Path sources = directory.resolve("client");
        assertThat(run(
                        java(),
                        "-jar",
                        GENERATOR.toString(),
                        "generate",
                        "-i",
                        "src/main/resources/openapi/v1.json",
                        "-g",
                        "java",
                        "--library",
                        "native",
                        "-o",
                        sources.toString(),
                        "--additional-properties=openApiNullable=false,useJakartaEe=true,invokerPackage=client,"
                                + "apiPackage=client.api,modelPackage=client.model",
                        "--global-property=apis,models,supportingFiles,apiDocs=false,modelDocs=false,apiTests=false,"
                                + "modelTests=false"))
                .contains("ApiClient.java");
        Path classes = compiled(sources);
        try (TestServer server = TestServer.start()) {
            server.policy(Rules.Mode.OPTIONAL);
            Enrolled anna = server.enrolled("anna");
            String said = run(
                    java(),
                    "-cp",
                    classes + File.pathSeparator + classPath(),
                    "SignsIn",
                    server.url(),
                    "anna",
                    TestServer.PASSWORD,
                    anna.app().code());
            assertThat(said).contains("refused 401 true", "signed in as anna");
        }
    }

    /** The generator brings the libraries its clients use. */
    private static String classPath() {
        String annotations = jakarta.annotation.PostConstruct.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        return GENERATOR + File.pathSeparator + annotations;
    }

    private Path compiled(Path sources) throws IOException {
        Path classes = Files.createDirectories(directory.resolve("classes"));
        List<String> arguments =
                new ArrayList<>(List.of("-nowarn", "-proc:none", "-cp", classPath(), "-d", classes.toString()));
        try (Stream<Path> all = Files.walk(sources.resolve("src/main/java"))) {
            all.filter(file -> file.toString().endsWith(".java")).forEach(file -> arguments.add(file.toString()));
        }
        arguments.add(DRIVER.toString());
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(code).as("the generated client compiles").isZero();
        return classes;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private String run(String... command) throws Exception {
        Path output = directory.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
