package dev.countersign.safekeeping;

import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.BackupCipher;
import dev.countersign.vault.SecretText;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a backup says of itself before anything is decrypted: three lines of text. The third is a check of the first two by the
 * passphrase, so that nothing in them can be changed, and a wrong passphrase is told from a damaged file.
 *
 * @param id names this backup
 * @param schema the version of its tables
 * @param installation names the installation it is of
 * @param at when it was begun: everything that was acknowledged before then is in it
 */
public record BackupHeader(
        String id, int schema, String installation, Instant at, byte[] salt, BackupCipher.Cost cost) {
    private static final String FIRST_LINE = "countersign-backup 1";
    private static final int LONGEST_LINE = 2_000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The second line. */
    private record Line(
            @Nullable String id,
            int schema,
            @Nullable String installation,
            @Nullable String at,
            @Nullable String salt,
            int memoryKib,
            int iterations) {}

    /**
     * A header that was read, and the key it leads to.
     *
     * @param about the first two lines as they are in the file
     * @param length of all three
     */
    record Opened(BackupHeader header, BackupCipher cipher, byte[] about, int length) {}

    /** The first two lines: what is authenticated with everything that follows. */
    byte[] bytes() {
        String line = JSON.writeValueAsString(new Line(
                id,
                schema,
                installation,
                at.toString(),
                Base64.getEncoder().encodeToString(salt),
                cost.memoryKib(),
                cost.iterations()));
        return (FIRST_LINE + '\n' + line + '\n').getBytes(StandardCharsets.US_ASCII);
    }

    /** The third line. */
    byte[] check(BackupCipher cipher) {
        return (Base64.getEncoder().encodeToString(cipher.check(bytes())) + '\n').getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads the three lines and makes the key. */
    static Opened read(DataInputStream in, SecretText passphrase) throws IOException {
        if (!line(in).equals(FIRST_LINE)) {
            throw refused("This is no backup of Countersign, or one in a form this program does not know.");
        }
        String second = line(in);
        String third = line(in);
        try {
            BackupHeader header = parse(second);
            BackupCipher cipher = BackupCipher.of(passphrase, header.salt(), header.cost());
            byte[] read = (FIRST_LINE + '\n' + second + '\n').getBytes(StandardCharsets.US_ASCII);
            if (!cipher.isCheck(read, Base64.getDecoder().decode(third))) {
                throw refused("The passphrase is not that of this backup, or the beginning of the file was changed.");
            }
            return new Opened(header, cipher, read, read.length + third.length() + 1);
        } catch (IllegalArgumentException | DateTimeException | JacksonException | NullPointerException e) {
            throw damaged(e);
        }
    }

    private static BackupHeader parse(String json) {
        Line line = JSON.readValue(json, Line.class);
        return new BackupHeader(
                Objects.requireNonNull(line.id()),
                line.schema(),
                Objects.requireNonNull(line.installation()),
                Instant.parse(Objects.requireNonNull(line.at())),
                Base64.getDecoder().decode(Objects.requireNonNull(line.salt())),
                new BackupCipher.Cost(line.memoryKib(), line.iterations()));
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.length() == LONGEST_LINE) {
                throw refused("This is no backup of Countersign, or it ends in the middle.");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    static StartFailure refused(String message) {
        return new StartFailure(StartFailure.Kind.REFUSED, message);
    }

    static StartFailure damaged(Exception why) {
        return new StartFailure(
                StartFailure.Kind.REFUSED,
                "The backup is damaged: it was changed, or does not go on to its end. Nothing in it is used.",
                why);
    }
}
