package dev.countersign.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.kernel.Channel;
import dev.countersign.kernel.StartFailure;
import dev.countersign.support.TestInstallation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a stolen or altered database gives away: nothing without the keys, nothing in another row. */
class VaultTest {
    private static final Place PLACE = new Place("totp", "sealed_secret", "bea");
    private static final SecretBytes SECRET = SecretBytes.of("twenty bytes of seed".getBytes(StandardCharsets.UTF_8));

    @TempDir
    private Path directory;

    private Vault vault(String name) {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            KeyFile.create(file, TestInstallation.NOW);
        }
        return KeyFile.open(file);
    }

    @Test
    void a_sealed_secret_opens_in_its_own_place_with_the_same_keys() throws Vault.NotOurs {
        byte[] sealed = vault("keys").seal(SECRET, PLACE);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("seed");
        assertThat(vault("keys").open(sealed, PLACE).equalsSecretBytes(SECRET)).isTrue();
    }

    @Test
    void a_sealed_secret_opens_in_no_other_row_column_or_table() {
        Vault vault = vault("keys");
        byte[] sealed = vault.seal(SECRET, PLACE);
        for (Place other : new Place[] {
            new Place("totp", "sealed_secret", "carl"),
            new Place("totp", "sealed_data", "bea"),
            new Place("pending_sign_in", "sealed_secret", "bea")
        }) {
            assertThatThrownBy(() -> vault.open(sealed, other)).as("%s", other).isInstanceOf(Vault.NotOurs.class);
        }
    }

    @Test
    void every_changed_byte_is_noticed() {
        Vault vault = vault("keys");
        byte[] sealed = vault.seal(SECRET, PLACE);
        for (int i = 0; i < sealed.length; i++) {
            byte[] changed = sealed.clone();
            changed[i] ^= 1;
            assertThatThrownBy(() -> vault.open(changed, PLACE)).isInstanceOf(Vault.NotOurs.class);
        }
    }

    @Test
    void other_keys_open_nothing_and_hash_differently() {
        byte[] message = "code".getBytes(StandardCharsets.UTF_8);
        byte[] sealed = vault("keys").seal(SECRET, PLACE);
        assertThatThrownBy(() -> vault("others").open(sealed, PLACE)).isInstanceOf(Vault.NotOurs.class);
        assertThat(vault("others").keyedHash("recovery-code", message))
                .isNotEqualTo(vault("keys").keyedHash("recovery-code", message));
        assertThat(vault("keys").keyedHash("decoy", message))
                .isNotEqualTo(vault("keys").keyedHash("recovery-code", message));
    }

    @Test
    void the_key_file_is_its_owners_alone() throws IOException {
        Path file = directory.resolve("keys");
        KeyFile.create(file, TestInstallation.NOW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> KeyFile.open(file))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("chmod 600");
    }

    @Test
    void secrets_do_not_show_in_text_and_a_token_is_nothing_in_the_other_channel() {
        Token token = new Randomness().token();
        assertThat(SECRET.toString()).doesNotContain("seed");
        assertThat(SecretText.of("hunter2hunter2").toString()).doesNotContain("hunter2");
        assertThat(token.toString()).doesNotContain(token.reveal());
        assertThat(token.hash(Channel.COOKIE)).isNotEqualTo(token.hash(Channel.BEARER));
        assertThat(Token.parse(token.reveal() + "=")).isEmpty();
    }
}
