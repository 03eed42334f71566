package dev.countersign.activity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.LogLines.Line;
import dev.countersign.vault.Ed25519Key;
import dev.countersign.vault.Ed25519PublicKey;
import dev.countersign.vault.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The published test vectors, which a program that shares nothing with this one made from {@code docs/log-format.md}. */
class LogVectorsTest {
    private static final Path VECTORS = Path.of("src/test/resources/log");

    /** The first key of RFC 8032, section 7.1: private, then public part. */
    private static final String KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
            + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    private static Ed25519PublicKey publicKey() throws IOException {
        return Ed25519PublicKey.parse(Files.readString(VECTORS.resolve("public-key.txt")))
                .orElseThrow();
    }

    private static Map<String, List<String>> canonical() throws IOException {
        Map<String, List<String>> forms = new HashMap<>();
        for (String line : Files.readAllLines(VECTORS.resolve("canonical.txt"))) {
            String[] parts = line.split(" ");
            if (!line.startsWith("#")) {
                forms.put(parts[0], List.of(parts[1], parts[2]));
            }
        }
        return forms;
    }

    @Test
    void the_file_is_intact() throws IOException {
        LogReport report =
                LogFile.open(VECTORS.resolve("proof.jsonl")).orElseThrow().verify(publicKey(), LogCopy.NONE);
        assertThat(report.findings()).isEmpty();
        assertThat(report.entries()).isEqualTo(4);
        assertThat(report.lastCheckpoint()).isEqualTo(3);
    }

    @Test
    void every_entry_and_checkpoint_has_this_form() throws IOException {
        Map<String, List<String>> forms = canonical();
        Ed25519Key key = Ed25519Key.of(SecretBytes.of(HexFormat.of().parseHex(KEY)));
        assertThat(key.publicKey().pem()).isEqualTo(publicKey().pem());
        for (String line : Files.readAllLines(VECTORS.resolve("proof.jsonl"))) {
            switch (LogLines.read(line)) {
                case Line.Logged(LoggedEntry entry) -> {
                    List<String> form = forms.remove(Long.toString(entry.sequence()));
                    assertThat(HexFormat.of().formatHex(entry.canonical(false))).isEqualTo(form.get(1));
                    assertThat(entry.digest(false)).isEqualTo(form.get(0));
                }
                case Line.Sealed(SealedCheckpoint sealed) -> {
                    Checkpoint checkpoint = sealed.checkpoint();
                    List<String> form = forms.remove("checkpoint-" + checkpoint.number());
                    assertThat(checkpoint.text())
                            .isEqualTo(new String(HexFormat.of().parseHex(form.get(1)), StandardCharsets.UTF_8));
                    assertThat(checkpoint.hash()).isEqualTo(form.get(0));
                    assertThat(checkpoint.signedBy(key))
                            .as("Ed25519 has one signature")
                            .isEqualTo(checkpoint);
                    assertThat(LogLines.of(sealed))
                            .as("and is written like this")
                            .isEqualTo(line);
                }
                case Line.Begins _, Line.Ends _ -> {}
                case Line.Unknown _ -> throw new AssertionError(line);
            }
        }
        assertThat(forms).isEmpty();
    }
}
