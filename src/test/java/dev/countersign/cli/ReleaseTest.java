package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** AC-257: what is downloaded is what was released. Signs the jar that was just made and changes it in every way. */
@Tag("shipped")
class ReleaseTest {
    private static final Path JAR = Path.of("target", "countersign.jar").toAbsolutePath();
    private static final List<String> FILES = List.of(
            "countersign.cdx.json",
            "countersign.jar",
            "countersign.provenance.json",
            "countersign.sha256",
            "countersign.sha256.sig");

    @TempDir
    private Path directory;

    private Path release = Path.of("");
    private Path key = Path.of("");
    private Path signers = Path.of("");

    private record Ended(int code, String said) {}

    @BeforeEach
    void release() throws Exception {
        release = directory.resolve("release");
        key = key("ours");
        signers = directory.resolve("signers");
        Files.writeString(signers, "release " + publicHalf(key));
        assertThat(release(key, release)).extracting(Ended::code).isEqualTo(0);
    }

    private Path key(String name) throws Exception {
        Path made = directory.resolve(name);
        assertThat(run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", made.toString()))
                .extracting(Ended::code)
                .isEqualTo(0);
        return made;
    }

    private static String publicHalf(Path key) throws IOException {
        return Files.readString(Path.of(key + ".pub"));
    }

    private static Ended release(Path key, Path into) throws Exception {
        return run("bin/release", key.toString(), into.toString(), JAR.toString());
    }

    private Ended verify() throws Exception {
        return run("bin/verify-release", release.toString(), signers.toString());
    }

    private static Ended run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }

    @Test
    void ac_257_a_release_is_the_jar_with_its_materials_and_where_it_comes_from() throws Exception {
        Ended verified = verify();
        assertThat(verified.code()).as(verified.said()).isZero();
        String commit = run("git", "rev-parse", "HEAD").said().strip();
        assertThat(verified.said()).contains("Built from commit " + commit);
        JsonNode provenance = JsonMapper.shared().readTree(Files.readAllBytes(release.resolve(FILES.get(2))));
        assertThat(provenance.at("/subject/0/digest/sha256").asString()).isEqualTo(sha256(JAR));
        assertThat(provenance
                        .at("/predicate/buildDefinition/externalParameters/commit")
                        .asString())
                .isEqualTo(commit);
        try (JarFile jar = new JarFile(JAR.toFile());
                InputStream inside = jar.getInputStream(jar.getEntry("META-INF/sbom/application.cdx.json"))) {
            assertThat(Files.readAllBytes(release.resolve(FILES.getFirst()))).isEqualTo(inside.readAllBytes());
        }
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void ac_257_one_changed_byte_anywhere_is_found() throws Exception {
        for (String name : FILES) {
            Path file = release.resolve(name);
            byte[] right = Files.readAllBytes(file);
            for (int place : new int[] {0, right.length / 2, right.length - 2}) {
                byte[] changed = right.clone();
                changed[place] ^= 1;
                Files.write(file, changed);
                assertRefused(name + ", byte " + place);
            }
            Files.write(file, right);
        }
        assertThat(verify().code()).isZero();
    }

    @Test
    void ac_257_who_makes_a_new_list_needs_a_key_that_may_sign() throws Exception {
        Path jar = release.resolve("countersign.jar");
        Files.write(jar, new byte[] {0}, StandardOpenOption.APPEND);
        Path list = release.resolve("countersign.sha256");
        Files.writeString(list, Files.readString(list).replace(sha256(JAR), sha256(jar)));
        assertRefused("a new list with the old signature");

        Path signature = release.resolve("countersign.sha256.sig");
        for (String purpose : List.of("countersign-release", "file")) {
            Path by = purpose.equals("file") ? key : key("theirs");
            Files.delete(signature);
            run("ssh-keygen", "-q", "-Y", "sign", "-f", by.toString(), "-n", purpose, list.toString());
            assertThat(signature).exists();
            assertRefused("signed by " + by.getFileName() + " for " + purpose);
        }
        Files.delete(signature);
        run("ssh-keygen", "-q", "-Y", "sign", "-f", key.toString(), "-n", "countersign-release", list.toString());
        assertThat(verify().said()).as("signed by us, but not what was built").contains("provenance is of another jar");
    }

    @Test
    void ac_257_nothing_is_missing_and_nothing_else_lies_there() throws Exception {
        Path more = Files.writeString(release.resolve("readme"), "run me");
        assertRefused("a file more");
        Files.delete(more);
        for (String name : FILES) {
            byte[] right = Files.readAllBytes(release.resolve(name));
            Files.delete(release.resolve(name));
            assertRefused("without " + name);
            Files.write(release.resolve(name), right);
        }
        assertThat(verify().code()).isZero();
    }

    private void assertRefused(String how) throws Exception {
        Ended refused = verify();
        assertThat(refused.code()).as(how).isEqualTo(1);
        assertThat(refused.said()).as(how).contains("Do not run it.").doesNotContain("Built from");
    }

    @Test
    void what_cannot_be_released_says_why() throws Exception {
        assertThat(release(key, release).said()).contains("not empty");
        assertThat(release(directory.resolve("none"), directory.resolve("other"))
                        .said())
                .contains("ssh-keygen -t ed25519");
        assertThat(run("bin/release").said()).contains("Usage: bin/release KEY DIRECTORY");
        assertThat(run("bin/verify-release").said()).contains("Usage: bin/verify-release DIRECTORY SIGNERS");
        Path noKey = Files.writeString(directory.resolve("text"), "no key");
        assertThat(release(noKey, directory.resolve("unsigned")).said()).contains("could not be signed");
        assertThat(directory.resolve("unsigned")).isEmptyDirectory();
    }
}
