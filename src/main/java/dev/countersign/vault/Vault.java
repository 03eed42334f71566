package dev.countersign.vault;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Seals secrets at rest (AES-256-GCM) and computes keyed hashes (HMAC-SHA-256), with the keys of the key file as it is now:
 * a changed file is noticed within a second, and at once when a value names a key that is not known. Thread-safe.
 */
public final class Vault {
    /** What a value begins with whose owner and version are authenticated; what comes before it in time begins with 1. */
    private static final byte BOUND = 2;

    private static final int PREFIX_BYTES = 6;
    private static final int FORMER_PREFIX_BYTES = 5;
    private static final int MOST_UNOPENED = 1_000;

    private final WatchedKeys watched;
    private final Set<Place> unopened = new LinkedHashSet<>();

    Vault(WatchedKeys watched) {
        this.watched = watched;
    }

    /** Encrypts and authenticates {@code secret} for exactly this place. */
    public byte[] seal(SecretBytes secret, Place place) {
        try {
            byte[] box = watched.current().sealing().encrypt(secret.reveal(), place.associatedData());
            return ByteBuffer.allocate(box.length + 1).put(BOUND).put(box).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    /** Opens what {@link #seal} made for the same place. What does not open is remembered for {@link #takeUnopened}. */
    public SecretBytes open(byte[] sealed, Place place) throws NotOurs {
        try {
            return openQuietly(sealed, place);
        } catch (NotOurs e) {
            noteUnopened(place);
            throw e;
        }
    }

    /** As {@link #open}, for whoever says by themselves what does not open. */
    public SecretBytes openQuietly(byte[] sealed, Place place) throws NotOurs {
        try {
            return SecretBytes.of(open(keysFor(sealed), sealed, place));
        } catch (GeneralSecurityException e) {
            throw new NotOurs(place, e);
        }
    }

    private static byte[] open(Keys keys, byte[] sealed, Place place) throws GeneralSecurityException {
        if (sealed.length > 0 && sealed[0] == BOUND) {
            byte[] box = java.util.Arrays.copyOfRange(sealed, 1, sealed.length);
            return keys.sealing().decrypt(box, place.associatedData());
        }
        Optional<String> key = keyOf(sealed);
        if (key.isEmpty() || !keys.isFormer(key.get())) {
            throw new GeneralSecurityException("not a value of this version");
        }
        return keys.sealing().decrypt(sealed, place.formerAssociatedData());
    }

    /** The keys, read again if the file has changed and they do not have the one the value names. */
    private Keys keysFor(byte[] sealed) {
        Keys keys = watched.current();
        Optional<String> key = keyOf(sealed);
        return key.isPresent() && !keys.seals(key.get()) ? watched.lookAgain() : keys;
    }

    /** The content of a seal around values that lie open beside it; false when it does not say {@code content}, or is of another place. */
    public boolean confirms(byte[] sealed, Place place, String content) {
        try {
            boolean same = MessageDigest.isEqual(
                    openQuietly(sealed, place).reveal(), content.getBytes(StandardCharsets.UTF_8));
            if (!same) {
                noteUnopened(place);
            }
            return same;
        } catch (NotOurs e) {
            noteUnopened(place);
            return false;
        }
    }

    /** Seals what lies open beside it, for {@link #confirms}. */
    public byte[] confirm(String content, Place place) {
        return seal(SecretBytes.of(content.getBytes(StandardCharsets.UTF_8)), place);
    }

    /**
     * Whether values count that no version has bound to their owner yet: only while a key is in the file that was made by such a
     * version. Whoever writes into the database cannot bring them back once it is retired.
     */
    public boolean acceptsUnbound() {
        return watched.current().hasFormer();
    }

    /** Remembers that the value of a place is not what it should be. */
    public void noteUnopened(Place place) {
        synchronized (unopened) {
            if (unopened.size() < MOST_UNOPENED) {
                unopened.add(place);
            }
        }
    }

    /** The places whose values did not open since this was asked last. */
    public List<Place> takeUnopened() {
        synchronized (unopened) {
            List<Place> taken = List.copyOf(unopened);
            unopened.clear();
            return taken;
        }
    }

    /**
     * A hash of {@code message} that cannot be computed or tested without the key file.
     *
     * @param purpose keeps hashes of one kind apart from those of another
     * @return 32 bytes
     */
    public byte[] keyedHash(String purpose, byte[] message) {
        Keys keys = watched.current();
        return keys.hash(keys.hashing().getPrimaryId(), input(purpose, message));
    }

    /** The hash by each key of the file, that of {@link #keyedHash} first: what was hashed before a new key came is found by one of them. */
    public List<byte[]> keyedHashes(String purpose, byte[] message) {
        Keys keys = watched.current();
        byte[] input = input(purpose, message);
        List<byte[]> hashes = new ArrayList<>();
        keys.hashingIds().forEach(id -> hashes.add(keys.hash(id, input)));
        return hashes;
    }

    /**
     * The hash by each key as it is stored where it must be known which key made it, {@code key:hash}, that of the newest first.
     * Earlier versions did not say the key.
     */
    public List<String> storedHashes(String purpose, byte[] message) {
        Keys keys = watched.current();
        byte[] input = input(purpose, message);
        List<String> hashes = new ArrayList<>();
        for (int id : keys.hashingIds()) {
            String hash = HexFormat.of().formatHex(keys.hash(id, input));
            hashes.add(KeyInfo.id(id) + ":" + hash);
            if (keys.isFormerHashing(KeyInfo.id(id))) {
                hashes.add(hash);
            }
        }
        return hashes;
    }

    /** A hash by the oldest key of the file, for choices that should stay as they are when a new key comes. */
    public byte[] lastingHash(String purpose, byte[] message) {
        Keys keys = watched.current();
        return keys.hash(keys.oldestHashing(), input(purpose, message));
    }

    private static byte[] input(String purpose, byte[] message) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(purpose.getBytes(StandardCharsets.UTF_8));
        input.write(0);
        input.writeBytes(message);
        return input.toByteArray();
    }

    /** The keys as they are now, the newest last. */
    public List<KeyInfo> keys() {
        return watched.current().infos();
    }

    /** The keys as they are in the file at this moment. */
    public List<KeyInfo> keysNow() {
        return watched.lookAgain().infos();
    }

    /** Why the key file cannot be used as it is now, if so: the keys stay as they were, and the next start would fail. */
    public Optional<String> fileFault() {
        return watched.fault();
    }

    /** What every value begins with that is sealed as new ones are. */
    public byte[] prefix() {
        int id = (int) Long.parseLong(watched.current().primary(), 16);
        return ByteBuffer.allocate(PREFIX_BYTES)
                .put(BOUND)
                .put((byte) 1)
                .putInt(id)
                .array();
    }

    /** The key a value was sealed with; absent when it is no sealed value. */
    public static Optional<String> keyOf(byte[] sealed) {
        boolean bound = isBound(sealed);
        if (sealed.length < (bound ? PREFIX_BYTES : FORMER_PREFIX_BYTES)) {
            return Optional.empty();
        }
        return Optional.of(KeyInfo.id(ByteBuffer.wrap(sealed).getInt(bound ? 2 : 1)));
    }

    /** Whether owner and version are authenticated with the value. */
    public static boolean isBound(byte[] sealed) {
        return sealed.length > 0 && sealed[0] == BOUND;
    }

    /** A sealed value that this installation's keys did not make for this place: moved, altered, put back, or of other keys. */
    public static final class NotOurs extends Exception {
        private static final long serialVersionUID = 1L;

        NotOurs(Place place, Throwable cause) {
            super(
                    "the sealed value in " + place.table() + "." + place.column() + " of row " + place.row()
                            + " was altered, moved from another row, put back after it was replaced, or sealed with"
                            + " another key file",
                    cause);
        }
    }
}
