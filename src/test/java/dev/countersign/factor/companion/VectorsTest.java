package dev.countersign.factor.companion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.ApprovalId;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.PairingId;
import dev.countersign.kernel.PhoneId;
import dev.countersign.kernel.SignInId;
import dev.countersign.support.TestInstallation;
import dev.countersign.vault.PhoneKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The vectors in {@code docs/companion-protocol.md} are what the server computes and accepts. */
class VectorsTest {
    private final JsonNode vectors = read();
    private final PhoneKey key = PhoneKey.of(text("key", "x"), text("key", "y")).orElseThrow();

    private static JsonNode read() {
        try {
            String page = Files.readString(Path.of("docs/companion-protocol.md"));
            int start = page.indexOf("```json\n", page.indexOf("## 6. Test vectors")) + 8;
            return JsonMapper.builder().build().readTree(page.substring(start, page.indexOf("```", start)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String text(String... path) {
        JsonNode node = vectors;
        for (String part : path) {
            node = node.path(part);
        }
        return node.asString();
    }

    private Optional<String> known(String field) {
        return Optional.of(vectors.path("request").path(field))
                .filter(node -> !node.isNull())
                .map(JsonNode::asString);
    }

    @Test
    void thumbprint_and_words() throws IOException {
        assertThat(key.thumbprint()).isEqualTo(text("thumbprint"));
        Pairing pairing = new Pairing(
                new PairingId(text("pairing")),
                new EnvironmentId("northwind"),
                new AccountId(text("account")),
                "from",
                text("origin"),
                "en",
                Pairing.State.CLAIMED,
                Optional.of(new Pairing.Offer(key, "Pixel")),
                Optional.empty(),
                Instant.EPOCH);
        List<Integer> words =
                vectors.path("words").valueStream().map(JsonNode::asInt).toList();
        assertThat(pairing.words()).isEqualTo(words);
        List<String> english = Files.readAllLines(Path.of("src/main/resources/companion/words/en.txt"));
        assertThat(words.stream().map(english::get).toList())
                .isEqualTo(vectors.path("wordsInEnglish")
                        .valueStream()
                        .map(JsonNode::asString)
                        .toList());
    }

    @Test
    void what_was_shown() {
        JsonNode request = vectors.path("request");
        Instant createdAt = Instant.ofEpochSecond(request.path("createdAt").asLong());
        Approval approval = new Approval(
                new ApprovalId(text("request", "id")),
                new EnvironmentId("northwind"),
                new AccountId(text("account")),
                new SignInId("signin"),
                Approval.State.OPEN,
                Confirmation.NUMBER,
                "42",
                0,
                new Approval.Circumstances(
                        text("request", "application"),
                        text("request", "browser"),
                        text("request", "system"),
                        text("request", "address"),
                        known("network"),
                        known("place")),
                createdAt,
                Instant.ofEpochSecond(request.path("expiresAt").asLong()),
                createdAt,
                Optional.empty());
        assertThat(approval.shown()).isEqualTo(text("shown"));
    }

    @Test
    void decision_and_proof() {
        PhoneProofs proofs = TestInstallation.sqlite().get(PhoneProofs.class);
        Instant at = Instant.ofEpochSecond(1_772_438_410L);
        Phone phone = new Phone(
                new PhoneId(text("phone")),
                new EnvironmentId("northwind"),
                new AccountId(text("account")),
                "Pixel",
                key,
                text("origin"),
                at,
                at,
                true,
                false,
                Optional.empty());
        assertThat(proofs.decision(phone, text("decision")))
                .contains(new PhoneProofs.Decision(
                        text("request", "id"),
                        text("phone"),
                        text("account"),
                        text("origin"),
                        PhoneProofs.Choice.APPROVE,
                        "42",
                        text("shown")));

        byte[] body = ("{\"decision\":\"" + text("decision") + "\"}").getBytes(StandardCharsets.UTF_8);
        assertThat(PhoneKey.digest(body)).isEqualTo(text("bod"));
        String url = text("origin") + "/api/companion/v1/requests/" + text("request", "id") + "/decision";
        assertThat(proofs.look(text("proof"), key, new PhoneProofs.Call("POST", url, body), at))
                .isEqualTo(PhoneProofs.Look.RIGHT);
    }
}
