package dev.countersign.gate;

import dev.countersign.kernel.Texts;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Who someone is, as header values: UTF-8 in the bytes, no control characters. All of them are always there, for what is not
 * set here the proxy would take from the client.
 */
record Identity(String user, String groups, String name, String email) {
    static final Identity NOBODY = new Identity("", "", "", "");

    /** nginx reads the whole head of a reply into 4 KiB. */
    private static final int MOST_BYTES_OF_GROUPS = 1_536;

    private static final int MOST_BYTES = 800;

    static Identity of(String username, List<String> groups, String displayName, String email) {
        return new Identity(
                value(username, MOST_BYTES), groups(groups), value(displayName, MOST_BYTES), value(email, MOST_BYTES));
    }

    /** Names that are whole; a name with a comma would be read as two. */
    private static String groups(List<String> names) {
        StringBuilder all = new StringBuilder();
        for (String name : names) {
            String value = value(name, MOST_BYTES);
            if (value.isEmpty() || value.indexOf(',') >= 0 || all.length() + value.length() >= MOST_BYTES_OF_GROUPS) {
                continue;
            }
            all.append(all.isEmpty() ? "" : ",").append(value);
        }
        return all.toString();
    }

    /** A text whose characters are the bytes that go over the wire; nothing when it does not fit. */
    private static String value(String text, int most) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().filter(Texts::isPlain).forEach(clean::appendCodePoint);
        String bytes =
                new String(clean.toString().strip().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        return bytes.length() > most ? "" : bytes;
    }
}
