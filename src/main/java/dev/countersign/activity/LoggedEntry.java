package dev.countersign.activity;

import dev.countersign.vault.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An entry with every column it is stored with, as it is sealed: {@code docs/log-format.md}.
 *
 * @param at milliseconds since 1970
 * @param repeatKey names what is counted together while the count may still grow
 */
public record LoggedEntry(
        String environment,
        long sequence,
        long at,
        String kind,
        Optional<String> account,
        Optional<String> actorId,
        String actorName,
        String door,
        String address,
        String browser,
        String requestId,
        String details,
        Optional<String> repeatKey,
        long repeats,
        Optional<Long> lastAt) {
    private static final String FORMAT = "countersign-log-entry/1\n";

    /** Whether its count may still grow. */
    public boolean mayGrow() {
        return repeatKey.isPresent();
    }

    /** The same entry at another place. */
    LoggedEntry at(long otherSequence) {
        return new LoggedEntry(
                environment,
                otherSequence,
                at,
                kind,
                account,
                actorId,
                actorName,
                door,
                address,
                browser,
                requestId,
                details,
                repeatKey,
                repeats,
                lastAt);
    }

    /**
     * SHA-256 of the canonical form, 64 hexadecimal digits.
     *
     * @param open without the count, which may still grow
     */
    public String digest(boolean open) {
        return Sha256.hex(canonical(open));
    }

    /** Each field as its length in bytes, a colon, its bytes and a line end; an absent one as a minus sign and a line end. */
    byte[] canonical(boolean open) {
        Fields fields = new Fields();
        fields.text(environment);
        fields.number(sequence);
        fields.number(at);
        fields.text(kind);
        fields.add(account);
        fields.add(actorId);
        fields.text(actorName);
        fields.text(door);
        fields.text(address);
        fields.text(browser);
        fields.text(requestId);
        fields.text(details);
        fields.add(repeatKey);
        fields.add(open ? Optional.empty() : Optional.of(Long.toString(repeats)));
        fields.add(open ? Optional.empty() : lastAt.map(String::valueOf));
        return fields.bytes();
    }

    private static final class Fields {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Fields() {
            bytes.writeBytes(FORMAT.getBytes(StandardCharsets.US_ASCII));
        }

        void number(long value) {
            text(Long.toString(value));
        }

        void text(String value) {
            add(Optional.of(value));
        }

        void add(Optional<String> value) {
            if (value.isEmpty()) {
                bytes.write('-');
            } else {
                byte[] text = value.get().getBytes(StandardCharsets.UTF_8);
                bytes.writeBytes((text.length + ":").getBytes(StandardCharsets.US_ASCII));
                bytes.writeBytes(text);
            }
            bytes.write('\n');
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
