package dev.countersign.cli.phone;

import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.PrivateFiles;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The file a phone of the command line lives in; readable by its owner alone. */
record PhoneFile(Path path, Contents contents) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long LONGEST = 16_384;

    /**
     * What is kept.
     *
     * @param server the origin it was paired with
     * @param signing the private key, in base64
     * @param id of the phone; absent until the pairing is confirmed
     * @param account whose phone it is, likewise
     */
    record Contents(
            String server,
            String signing,
            String pairing,
            @Nullable String id,
            @Nullable String account) {
        @Override
        public String toString() {
            return "Contents(hidden)";
        }
    }

    static Contents beginning(String server, SigningKey key, String pairing) {
        String signing = Base64.getEncoder().encodeToString(key.secret().reveal());
        return new Contents(server, signing, pairing, null, null);
    }

    static PhoneFile read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new StartFailure(
                    StartFailure.Kind.NOT_FOUND,
                    "There is no phone in " + path + ". Pair one with: countersign phone pair ADDRESS");
        }
        PrivateFiles.requirePrivate(path);
        try {
            if (Files.size(path) > LONGEST) {
                throw noPhone(path);
            }
            return new PhoneFile(path, JSON.readValue(Files.readString(path), Contents.class));
        } catch (IOException | JacksonException e) {
            throw noPhone(path);
        }
    }

    private static StartFailure noPhone(Path path) {
        return new StartFailure(StartFailure.Kind.REFUSED, path + " is not the file of a phone.");
    }

    /** Writes the whole file beside the old one and puts it in its place, with mode 600 from its first byte. */
    PhoneFile write(Contents changed) {
        Path beside = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.deleteIfExists(beside);
            PrivateFiles.create(beside);
            Files.writeString(beside, JSON.writeValueAsString(changed));
            Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.REFUSED, "Cannot write " + path + ": " + e.getMessage(), e);
        }
        return new PhoneFile(path, changed);
    }

    void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new StartFailure(StartFailure.Kind.REFUSED, "Cannot remove " + path + ": " + e.getMessage(), e);
        }
    }

    SigningKey key() {
        try {
            return SigningKey.of(SecretBytes.of(Base64.getDecoder().decode(contents.signing())));
        } catch (IllegalArgumentException e) {
            throw noPhone(path);
        }
    }
}
