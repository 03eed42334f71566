package dev.countersign.vault;

import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.prf.PredefinedPrfParameters;
import com.google.crypto.tink.prf.PrfConfig2026;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The contents of a key file: keys that seal, keys that hash, and since when. A key made here does both. Immutable. */
record KeyRing(
        KeysetHandle sealing, KeysetHandle hashing, Map<String, Instant> madeAt, Map<String, Instant> primarySince) {
    private static final String SEALING = "sealing";
    private static final String HASHING = "hashing";
    private static final String MADE = "made";
    private static final String PRIMARY = "primary";
    private static final SecureRandom RANDOM = new SecureRandom();

    static KeyRing create(Instant now) {
        int id = newId(List.of());
        String name = KeyInfo.id(id);
        try {
            return new KeyRing(
                    only(id, PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get()),
                    only(id, PredefinedPrfParameters.HMAC_SHA256_PRF, PrfConfig2026.get()),
                    Map.of(name, now),
                    Map.of(name, now));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("making keys failed", e);
        }
    }

    private static KeysetHandle only(int id, Parameters parameters, Configuration configuration)
            throws GeneralSecurityException {
        return KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.generateEntryFromParameters(parameters)
                        .withFixedId(id)
                        .makePrimary())
                .setConfiguration(configuration)
                .build();
    }

    static KeyRing parse(List<String> lines) throws GeneralSecurityException {
        Map<String, String> values = new HashMap<>();
        for (String line : lines) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return new KeyRing(
                keyset(values.get(SEALING), AeadConfig2026.get()),
                keyset(values.get(HASHING), PrfConfig2026.get()),
                times(values.getOrDefault(MADE, "")),
                times(values.getOrDefault(PRIMARY, "")));
    }

    private static KeysetHandle keyset(@Nullable String json, Configuration configuration)
            throws GeneralSecurityException {
        if (json == null) {
            throw new IllegalArgumentException("a line is missing");
        }
        return TinkJsonProtoKeysetFormat.parseKeyset(json, configuration, InsecureSecretKeyAccess.get());
    }

    private static Map<String, Instant> times(String text) {
        Map<String, Instant> times = new LinkedHashMap<>();
        for (String part : text.split(" ", -1)) {
            int at = part.indexOf('@');
            if (at > 0) {
                times.put(part.substring(0, at), Instant.ofEpochMilli(Long.parseLong(part.substring(at + 1))));
            }
        }
        return times;
    }

    String text() {
        try {
            return SEALING + "=" + json(sealing, AeadConfig2026.get()) + "\n" + HASHING + "="
                    + json(hashing, PrfConfig2026.get()) + "\n" + MADE + "=" + text(madeAt) + "\n" + PRIMARY + "="
                    + text(primarySince) + "\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("writing keys failed", e);
        }
    }

    private static String json(KeysetHandle handle, Configuration configuration) throws GeneralSecurityException {
        return TinkJsonProtoKeysetFormat.serializeKeyset(handle, configuration, InsecureSecretKeyAccess.get())
                .replace("\n", "");
    }

    private static String text(Map<String, Instant> times) {
        return times.entrySet().stream()
                .map(entry -> entry.getKey() + "@" + entry.getValue().toEpochMilli())
                .collect(Collectors.joining(" "));
    }

    KeyRing withNewKey(Instant now) {
        int id = newId(infos());
        Map<String, Instant> made = new LinkedHashMap<>(madeAt);
        made.put(KeyInfo.id(id), now);
        try {
            return new KeyRing(
                    with(sealing, id, PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get()),
                    with(hashing, id, PredefinedPrfParameters.HMAC_SHA256_PRF, PrfConfig2026.get()),
                    made,
                    primarySince);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("making keys failed", e);
        }
    }

    private static KeysetHandle with(KeysetHandle keys, int id, Parameters parameters, Configuration configuration)
            throws GeneralSecurityException {
        return KeysetHandle.newBuilder(keys)
                .addEntry(KeysetHandle.generateEntryFromParameters(parameters).withFixedId(id))
                .setConfiguration(configuration)
                .build();
    }

    KeyRing withPrimary(String id, Instant now) {
        Map<String, Instant> primary = new LinkedHashMap<>(primarySince);
        primary.put(id, now);
        try {
            return new KeyRing(
                    primary(sealing, id, AeadConfig2026.get()),
                    primary(hashing, id, PrfConfig2026.get()),
                    madeAt,
                    primary);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("changing keys failed", e);
        }
    }

    private static KeysetHandle primary(KeysetHandle keys, String id, Configuration configuration)
            throws GeneralSecurityException {
        KeysetHandle.Builder builder = KeysetHandle.newBuilder(keys);
        builder.getAt(position(keys, id).orElseThrow()).makePrimary();
        return builder.setConfiguration(configuration).build();
    }

    KeyRing without(String id, boolean fromSealing, boolean fromHashing) {
        try {
            KeyRing less = new KeyRing(
                    fromSealing ? less(sealing, id, AeadConfig2026.get()) : sealing,
                    fromHashing ? less(hashing, id, PrfConfig2026.get()) : hashing,
                    new LinkedHashMap<>(madeAt),
                    new LinkedHashMap<>(primarySince));
            boolean gone = less.infos().stream().noneMatch(key -> key.id().equals(id));
            if (gone) {
                less.madeAt.remove(id);
                less.primarySince.remove(id);
            }
            return less;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("changing keys failed", e);
        }
    }

    private static KeysetHandle less(KeysetHandle keys, String id, Configuration configuration)
            throws GeneralSecurityException {
        Optional<Integer> position = position(keys, id);
        if (position.isEmpty()) {
            return keys;
        }
        if (keys.getAt(position.get()).isPrimary()) {
            throw new IllegalArgumentException("the primary key stays");
        }
        KeysetHandle.Builder builder = KeysetHandle.newBuilder(keys);
        builder.deleteAt(position.get());
        return builder.setConfiguration(configuration).build();
    }

    private static Optional<Integer> position(KeysetHandle keys, String id) {
        for (int i = 0; i < keys.size(); i++) {
            if (KeyInfo.id(keys.getAt(i).getId()).equals(id)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /** Every key once, in the order in which they came. */
    List<KeyInfo> infos() {
        Map<String, KeyInfo> infos = new LinkedHashMap<>();
        for (KeysetHandle.Entry entry : entries(sealing)) {
            String id = KeyInfo.id(entry.getId());
            boolean hashes = position(hashing, id).isPresent();
            infos.put(id, info(id, true, hashes, entry.isPrimary()));
        }
        for (KeysetHandle.Entry entry : entries(hashing)) {
            String id = KeyInfo.id(entry.getId());
            infos.putIfAbsent(id, info(id, false, true, entry.isPrimary()));
        }
        // Those without a time came first; sorting is stable.
        return infos.values().stream()
                .sorted(Comparator.comparing(key -> key.madeAt().orElse(Instant.EPOCH)))
                .toList();
    }

    private KeyInfo info(String id, boolean seals, boolean hashes, boolean primary) {
        return new KeyInfo(
                id,
                Optional.ofNullable(madeAt.get(id)),
                Optional.ofNullable(primarySince.get(id)),
                seals,
                hashes,
                primary);
    }

    /** The oldest first. */
    List<Integer> hashingIds() {
        return entries(hashing).stream().map(KeysetHandle.Entry::getId).toList();
    }

    private static List<KeysetHandle.Entry> entries(KeysetHandle keys) {
        List<KeysetHandle.Entry> entries = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            entries.add(keys.getAt(i));
        }
        return entries;
    }

    private static int newId(List<KeyInfo> taken) {
        int id = RANDOM.nextInt(1, Integer.MAX_VALUE);
        while (taken.stream().map(KeyInfo::id).toList().contains(KeyInfo.id(id))) {
            id = RANDOM.nextInt(1, Integer.MAX_VALUE);
        }
        return id;
    }

    @Override
    public String toString() {
        return "KeyRing(hidden)";
    }
}
