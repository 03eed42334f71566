package dev.countersign.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that come, change and go in a file other nodes have copies of, and values from before owners and versions were bound. */
class KeyChangeTest {
    private static final Instant NOW = Instant.parse("2026-03-02T08:00:00Z");
    private static final Place PLACE = new Place("totp", "sealed_secret", "bea").of("bea", 3);
    private static final SecretBytes SECRET = SecretBytes.of("twenty bytes of seed".getBytes(StandardCharsets.UTF_8));
    private static final byte[] MESSAGE = "code".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    private Path file = Path.of("");
    private String first = "";

    @BeforeEach
    void create() {
        file = directory.resolve("keys");
        KeyFile.create(file, NOW);
        first = KeyFile.open(file).keys().getFirst().id();
    }

    @Test
    void a_value_is_of_its_owner_and_its_version_alone() throws Vault.NotOurs {
        Vault vault = KeyFile.open(file);
        byte[] sealed = vault.seal(SECRET, PLACE);
        assertThat(vault.open(sealed, PLACE).equalsSecretBytes(SECRET)).isTrue();
        for (Place other : List.of(PLACE.of("carl", 3), PLACE.of("bea", 4), PLACE.of("bea", 2), PLACE.of("", 0))) {
            assertThatThrownBy(() -> vault.open(sealed, other)).as("%s", other).isInstanceOf(Vault.NotOurs.class);
        }
        assertThat(vault.takeUnopened()).hasSize(4);
        assertThat(vault.takeUnopened()).isEmpty();
    }

    @Test
    void a_new_key_opens_everywhere_before_it_seals_anywhere() throws Exception {
        Path copy = directory.resolve("copy");
        Vault here = KeyFile.open(file);
        byte[] before = here.seal(SECRET, PLACE);
        String second = KeyFile.add(file, NOW);
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        Vault there = KeyFile.open(copy);
        assertThat(Vault.keyOf(here.seal(SECRET, PLACE))).contains(first);
        KeyFile.promote(file, second, NOW);
        here.keysNow();
        byte[] after = here.seal(SECRET, PLACE);
        assertThat(Vault.keyOf(after)).contains(second);
        assertThat(there.open(after, PLACE).equalsSecretBytes(SECRET)).isTrue();
        assertThat(here.open(before, PLACE).equalsSecretBytes(SECRET)).isTrue();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(KeyFile.leftovers(file)).isEmpty();
    }

    @Test
    void a_key_that_is_not_known_is_looked_for_in_the_file_at_once() throws Exception {
        Path copy = directory.resolve("copy");
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        Vault there = KeyFile.open(copy);
        KeyFile.promote(file, KeyFile.add(file, NOW), NOW);
        byte[] sealed = KeyFile.open(file).seal(SECRET, PLACE);
        assertThatThrownBy(() -> there.open(sealed, PLACE)).isInstanceOf(Vault.NotOurs.class);
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(there.open(sealed, PLACE).equalsSecretBytes(SECRET)).isTrue();
    }

    @Test
    void a_file_that_cannot_be_read_leaves_the_keys_as_they_were() throws Exception {
        Vault vault = KeyFile.open(file);
        byte[] sealed = vault.seal(SECRET, PLACE);
        Files.writeString(file, "half of a file");
        vault.keysNow();
        assertThat(vault.open(sealed, PLACE).equalsSecretBytes(SECRET)).isTrue();
        Files.delete(file);
        vault.keysNow();
        assertThat(vault.open(sealed, PLACE).equalsSecretBytes(SECRET)).isTrue();
    }

    @Test
    void a_removed_key_opens_nothing_and_hashes_stay_for_as_long_as_they_are_needed() {
        Vault vault = KeyFile.open(file);
        byte[] sealed = vault.seal(SECRET, PLACE);
        List<String> before = vault.storedHashes("recovery-code", MESSAGE);
        byte[] lasting = vault.lastingHash("decoy", MESSAGE);
        KeyFile.promote(file, KeyFile.add(file, NOW), NOW);
        assertThatThrownBy(() -> KeyFile.remove(file, vault.keysNow().getLast().id(), true, false))
                .isInstanceOf(IllegalArgumentException.class);
        KeyFile.remove(file, first, true, false);
        vault.keysNow();
        assertThatThrownBy(() -> vault.open(sealed, PLACE)).isInstanceOf(Vault.NotOurs.class);
        assertThat(vault.storedHashes("recovery-code", MESSAGE))
                .containsAll(before)
                .hasSize(2);
        assertThat(vault.storedHashes("recovery-code", MESSAGE).getFirst()).isNotIn(before);
        assertThat(vault.lastingHash("decoy", MESSAGE)).isEqualTo(lasting);
        KeyFile.remove(file, first, true, true);
        assertThat(vault.keysNow()).extracting(KeyInfo::id).doesNotContain(first);
        assertThat(vault.storedHashes("recovery-code", MESSAGE)).doesNotContainAnyElementsOf(before);
    }

    @Test
    void what_a_former_version_sealed_opens_only_while_a_key_of_that_version_is_there() throws Exception {
        byte[] refused = formerly(file);
        assertThatThrownBy(() -> KeyFile.open(file).open(refused, PLACE)).isInstanceOf(Vault.NotOurs.class);
        assertThat(KeyFile.open(file).acceptsUnbound()).isFalse();
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("made=") && !line.startsWith("primary="))
                .toList();
        Files.write(file, lines);
        Vault vault = KeyFile.open(file);
        byte[] former = formerly(file);
        assertThat(vault.open(former, PLACE).equalsSecretBytes(SECRET)).isTrue();
        assertThat(vault.acceptsUnbound()).isTrue();
        KeyFile.promote(file, KeyFile.add(file, NOW), NOW);
        KeyFile.remove(file, first, true, false);
        vault.keysNow();
        assertThat(vault.acceptsUnbound()).isFalse();
        assertThatThrownBy(() -> vault.open(former, PLACE)).isInstanceOf(Vault.NotOurs.class);
    }

    private static byte[] formerly(Path keys) throws GeneralSecurityException {
        return KeyFile.read(keys).sealing().encrypt(SECRET.reveal(), PLACE.formerAssociatedData());
    }

    @Test
    void what_is_no_sealed_value_is_refused_whatever_it_is() throws IOException {
        Vault vault = KeyFile.open(file);
        for (byte[] bytes : List.of(new byte[0], new byte[1], new byte[] {2}, new byte[] {2, 1, 0, 0}, new byte[40])) {
            assertThatThrownBy(() -> vault.open(bytes, PLACE)).isInstanceOf(Vault.NotOurs.class);
        }
    }
}
