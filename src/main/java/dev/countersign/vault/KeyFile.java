package dev.countersign.vault;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.prf.PredefinedPrfParameters;
import com.google.crypto.tink.prf.PrfConfig2026;
import com.google.crypto.tink.prf.PrfSet;
import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The key file: two lines, {@code sealing=} and {@code hashing=}, each a Tink keyset in JSON. It lies outside the database,
 * belongs to the server's user alone (0600), and everything sealed is lost without it.
 */
public final class KeyFile {
    private static final String SEALING = "sealing";
    private static final String HASHING = "hashing";

    private KeyFile() {}

    /** Writes new keys to {@code file}, which must not exist. */
    public static void create(Path file) {
        try {
            String text = SEALING + "=" + newKeyset(PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get()) + "\n"
                    + HASHING + "=" + newKeyset(PredefinedPrfParameters.HMAC_SHA256_PRF, PrfConfig2026.get()) + "\n";
            PrivateFiles.create(file);
            Files.writeString(file, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw new StartFailure(
                    StartFailure.Kind.DIRECTORY_NOT_WRITABLE, "Cannot write the key file " + file + ": " + e, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("making keys failed", e);
        }
    }

    /** Opens the keys in {@code file}; refuses one that other users of the machine can read. */
    public static Vault open(Path file) {
        PrivateFiles.requirePrivate(file);
        try {
            Map<String, String> keysets = parse(Files.readAllLines(file, StandardCharsets.UTF_8));
            return new Vault(
                    primitive(keysets.get(SEALING), AeadConfig2026.get(), Aead.class),
                    primitive(keysets.get(HASHING), PrfConfig2026.get(), PrfSet.class));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new StartFailure(
                    StartFailure.Kind.KEY_FILE,
                    "The key file " + file + " cannot be read as keys. Put back the file this installation was created"
                            + " with; without it nothing that was sealed can be opened.",
                    e);
        }
    }

    private static Map<String, String> parse(List<String> lines) {
        Map<String, String> keysets = new HashMap<>();
        for (String line : lines) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                keysets.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        if (!keysets.containsKey(SEALING) || !keysets.containsKey(HASHING)) {
            throw new IllegalArgumentException("a line is missing");
        }
        return keysets;
    }

    private static String newKeyset(Parameters parameters, Configuration configuration)
            throws GeneralSecurityException {
        KeysetHandle handle = KeysetHandle.generateNew(parameters, configuration);
        return TinkJsonProtoKeysetFormat.serializeKeyset(handle, configuration, InsecureSecretKeyAccess.get())
                .replace("\n", "");
    }

    private static <P> P primitive(@Nullable String json, Configuration configuration, Class<P> kind)
            throws GeneralSecurityException {
        if (json == null) {
            throw new IllegalArgumentException("a keyset is missing");
        }
        return TinkJsonProtoKeysetFormat.parseKeyset(json, configuration, InsecureSecretKeyAccess.get())
                .getPrimitive(configuration, kind);
    }
}
