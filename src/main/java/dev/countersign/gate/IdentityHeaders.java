package dev.countersign.gate;

import java.nio.charset.StandardCharsets;
import org.apache.tomcat.util.http.MimeHeaders;

/**
 * The headers that say who someone is, as the bytes that go over the wire: made once for a session, and written with each of the
 * thousands of answers about it. Immutable.
 */
final class IdentityHeaders {
    static final IdentityHeaders NOBODY = new IdentityHeaders(Identity.NOBODY);

    private static final byte[] USER = bytes("Remote-User");
    private static final byte[] GROUPS = bytes("Remote-Groups");
    private static final byte[] NAME = bytes("Remote-Name");
    private static final byte[] EMAIL = bytes("Remote-Email");
    private static final byte[] CACHE_CONTROL = bytes("Cache-Control");
    private static final byte[] NO_STORE = bytes("no-store");

    private final byte[] user;
    private final byte[] groups;
    private final byte[] name;
    private final byte[] email;

    IdentityHeaders(Identity identity) {
        this.user = bytes(identity.user());
        this.groups = bytes(identity.groups());
        this.name = bytes(identity.name());
        this.email = bytes(identity.email());
    }

    private static byte[] bytes(String value) {
        return value.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Adds them to a reply that has none of them, with the word that nobody keeps it. */
    void addTo(MimeHeaders reply) {
        add(reply, USER, user);
        add(reply, GROUPS, groups);
        add(reply, NAME, name);
        add(reply, EMAIL, email);
        add(reply, CACHE_CONTROL, NO_STORE);
    }

    private static void add(MimeHeaders reply, byte[] header, byte[] value) {
        reply.addValue(header, 0, header.length).setBytes(value, 0, value.length);
    }
}
