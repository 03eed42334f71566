package dev.countersign.signin;

import dev.countersign.kernel.SignInId;
import dev.countersign.vault.Place;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import dev.countersign.vault.Vault;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Seals what someone is registering into the row of their sign-in, and opens it again. */
@Component
final class MaterialSafe {
    private static final byte APP = 'A';
    private static final byte RECOVERY_CODE = 'R';

    private final Vault vault;

    MaterialSafe(Vault vault) {
        this.vault = vault;
    }

    byte[] seal(Material material, SignInId signIn) {
        byte[] plain = switch (material) {
            case Material.App(SecretBytes secret) -> tagged(APP, secret.reveal());
            case Material.RecoveryCode(SecretText code) ->
                tagged(RECOVERY_CODE, code.reveal().getBytes(StandardCharsets.US_ASCII));
        };
        return vault.seal(SecretBytes.of(plain), place(signIn));
    }

    /** The material; absent when it does not open, and then the sign-in cannot go on. */
    Optional<Material> open(byte[] sealed, SignInId signIn) {
        try {
            byte[] plain = vault.open(sealed, place(signIn)).reveal();
            byte[] content = Arrays.copyOfRange(plain, 1, plain.length);
            return Optional.of(
                    plain[0] == APP
                            ? new Material.App(SecretBytes.of(content))
                            : new Material.RecoveryCode(SecretText.of(new String(content, StandardCharsets.US_ASCII))));
        } catch (Vault.NotOurs e) {
            return Optional.empty();
        }
    }

    private static byte[] tagged(byte tag, byte[] content) {
        byte[] plain = new byte[content.length + 1];
        plain[0] = tag;
        System.arraycopy(content, 0, plain, 1, content.length);
        return plain;
    }

    private static Place place(SignInId signIn) {
        return new Place("pending_sign_in", "sealed_data", signIn.value());
    }
}
