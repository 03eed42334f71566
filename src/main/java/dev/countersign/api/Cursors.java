package dev.countersign.api;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.vault.Vault;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Where a list goes on. A cursor is authenticated for its environment, list and filters: what comes back is what was given out,
 * so that nothing in it has to be mistrusted, and one list's cursor is nothing in another.
 */
@Component
final class Cursors {
    private static final String PURPOSE = "cursor";
    private static final int MAC_BYTES = 16;
    private static final int LONGEST = 1_000;

    private final Vault vault;

    Cursors(Vault vault) {
        this.vault = vault;
    }

    /**
     * A cursor behind {@code position}.
     *
     * @param list names the list with its filters and order
     */
    String write(EnvironmentId environment, String list, String position) {
        byte[] text = position.getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(macs(environment, list, text).getFirst(), MAC_BYTES + text.length);
        System.arraycopy(text, 0, all, MAC_BYTES, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(all);
    }

    /** The position in a cursor that {@link #write} made for the same list. */
    String read(EnvironmentId environment, String list, String cursor) {
        byte[] all = decode(cursor);
        if (all.length < MAC_BYTES) {
            throw broken();
        }
        byte[] text = Arrays.copyOfRange(all, MAC_BYTES, all.length);
        byte[] given = Arrays.copyOf(all, MAC_BYTES);
        boolean ours = macs(environment, list, text).stream()
                .anyMatch(mac -> MessageDigest.isEqual(given, Arrays.copyOf(mac, MAC_BYTES)));
        if (!ours) {
            throw broken();
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private static byte[] decode(String cursor) {
        try {
            return cursor.length() > LONGEST
                    ? new byte[0]
                    : Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            throw broken();
        }
    }

    /** By the newest key first: the cursor may have been given before that came. */
    private List<byte[]> macs(EnvironmentId environment, String list, byte[] text) {
        byte[] head = (environment.value() + '\n' + list + '\n').getBytes(StandardCharsets.UTF_8);
        byte[] message = Arrays.copyOf(head, head.length + text.length);
        System.arraycopy(text, 0, message, head.length, text.length);
        return vault.keyedHashes(PURPOSE, message);
    }

    private static Refusal broken() {
        return Refusal.of(
                ProblemType.INVALID_CURSOR,
                "cursor",
                "Take the cursor from 'next' of the answer before, with the same filters; or begin without one.");
    }
}
