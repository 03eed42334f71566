package dev.countersign.moving;

import dev.countersign.factor.totp.OtpauthUri;
import dev.countersign.factor.totp.Totp;
import dev.countersign.vault.Hmac;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.SecretText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A realm as Keycloak exports it, whole or the users alone: groups with those in them, and users with name, mail address,
 * password hash and authenticator app. Everything else is passed over, one token at a time.
 */
final class KeycloakRealm implements ItemReader {
    private static final int MOST_IN_A_LIST = 500;
    private static final int LONGEST_TEXT = 16 * 1024;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(200)
                    .maxStringLength(1 << 20)
                    .maxNameLength(4_096)
                    .maxNumberLength(400)
                    .build())
            .build();
    private static final JsonMapper JSON = JsonMapper.builder(FACTORY).build();

    private final JsonParser parser;
    private final Deque<Item> found = new ArrayDeque<>();
    private boolean started;
    private boolean ended;
    private boolean inUsers;

    KeycloakRealm(InputStream stream) {
        this.parser = FACTORY.createParser(ObjectReadContext.empty(), stream);
    }

    /** This user cannot be taken; the next one can. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Reason reason;

        Unusable(Reason reason) {
            super(reason.wireName());
            this.reason = reason;
        }
    }

    @Override
    public Optional<Item> next() throws IOException {
        while (found.isEmpty() && !ended) {
            try {
                advance();
            } catch (JacksonException e) {
                ended = true;
                found.add(new Item.Broken(
                        line(),
                        "The file is no JSON from here on: "
                                + String.valueOf(e.getOriginalMessage())
                                        .lines()
                                        .findFirst()
                                        .orElse("")));
            }
        }
        return Optional.ofNullable(found.poll());
    }

    private void advance() {
        if (!started) {
            started = true;
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                ended = true;
                found.add(new Item.Broken(1, "This is not a realm exported by Keycloak: it does not begin with {."));
            }
            return;
        }
        if (inUsers) {
            inUsers = parser.nextToken() == JsonToken.START_OBJECT;
            if (inUsers) {
                found.add(user());
            }
            return;
        }
        JsonToken token = parser.nextToken();
        if (token != JsonToken.PROPERTY_NAME) {
            ended = true;
            return;
        }
        String name = parser.currentName();
        boolean list = parser.nextToken() == JsonToken.START_ARRAY;
        if (list && name.equals("users")) {
            inUsers = true;
        } else if (list && name.equals("groups")) {
            groups("");
        } else {
            parser.skipChildren();
        }
    }

    private long line() {
        return parser.currentTokenLocation().getLineNr();
    }

    // ---- groups

    private void groups(String outer) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            group(outer);
        }
    }

    /** The name comes before the groups inside in every export; a group without one is passed over with them. */
    private void group(String outer) {
        String path = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            if (field.equals("name") && value == JsonToken.VALUE_STRING) {
                path = outer + "/" + parser.getString();
                found.add(new Item.Group(line(), path));
            } else if (field.equals("subGroups") && value == JsonToken.START_ARRAY && !path.isEmpty()) {
                groups(path);
            } else {
                parser.skipChildren();
            }
        }
    }

    // ---- users

    /** What a user holds, as far as it is of use. */
    private static final class User {
        final Map<String, String> texts = new HashMap<>();
        final List<String> groups = new ArrayList<>();
        final List<Map<String, String>> credentials = new ArrayList<>();
        final List<String> requiredActions = new ArrayList<>();
        Optional<Boolean> enabled = Optional.empty();
        Optional<String> locale = Optional.empty();
        Optional<Reason> problem = Optional.empty();
    }

    private Item user() {
        long line = line();
        User user = new User();
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = parser.currentName();
            if (seen.size() < MOST_IN_A_LIST && !seen.add(field)) {
                user.problem = Optional.of(Reason.of(Reason.Code.USER_FIELD_TWICE, Refusals.shown(field)));
            }
            read(user, field, parser.nextToken());
        }
        String username = user.texts.getOrDefault("username", "");
        try {
            if (user.problem.isPresent()) {
                throw new Unusable(user.problem.get());
            }
            return new Item.Person(line, arrival(user));
        } catch (Unusable e) {
            return new Item.Unreadable(line, username, e.reason);
        }
    }

    private void read(User user, String field, JsonToken value) {
        switch (field) {
            case "username", "email", "firstName", "lastName", "serviceAccountClientId" ->
                text(user, value).ifPresent(text -> user.texts.put(field, text));
            case "enabled" -> user.enabled = Optional.of(value == JsonToken.VALUE_TRUE);
            case "groups" -> texts(user, value, user.groups);
            case "requiredActions" -> texts(user, value, user.requiredActions);
            case "attributes" -> attributes(user, value);
            case "credentials" -> credentials(user, value);
            default -> parser.skipChildren();
        }
    }

    private Optional<String> text(User user, JsonToken value) {
        if (value != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return Optional.empty();
        }
        String text = parser.getString();
        if (text.length() > LONGEST_TEXT) {
            user.problem = Optional.of(Reason.of(Reason.Code.USER_TEXT_TOO_LONG, LONGEST_TEXT));
            return Optional.empty();
        }
        return Optional.of(text);
    }

    private void texts(User user, JsonToken value, List<String> into) {
        if (value != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
            Optional<String> text = text(user, next);
            if (into.size() >= MOST_IN_A_LIST) {
                user.problem = Optional.of(Reason.of(Reason.Code.USER_LIST_TOO_LONG, MOST_IN_A_LIST));
            } else {
                text.ifPresent(into::add);
            }
        }
    }

    private void attributes(User user, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken next = parser.nextToken();
            if (name.equals("locale")) {
                List<String> locales = new ArrayList<>();
                texts(user, next, locales);
                user.locale = locales.stream().findFirst();
            } else {
                parser.skipChildren();
            }
        }
    }

    private void credentials(User user, JsonToken value) {
        if (value != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            Map<String, String> credential = new HashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                JsonToken next = parser.nextToken();
                switch (field) {
                    case "type", "secretData", "credentialData" ->
                        text(user, next).ifPresent(text -> credential.put(field, text));
                    case "temporary" -> credential.put(field, Boolean.toString(next == JsonToken.VALUE_TRUE));
                    default -> parser.skipChildren();
                }
            }
            if (user.credentials.size() < MOST_IN_A_LIST) {
                user.credentials.add(credential);
            }
        }
    }

    private static Arrival arrival(User user) throws Unusable {
        if (user.texts.containsKey("serviceAccountClientId")) {
            throw new Unusable(Reason.of(Reason.Code.SERVICE_ACCOUNT));
        }
        String username = user.texts.getOrDefault("username", "");
        if (username.isBlank()) {
            throw new Unusable(Reason.of(Reason.Code.USERNAME_MISSING));
        }
        String name = String.join(
                        " ",
                        Stream.of("firstName", "lastName")
                                .map(part -> user.texts.getOrDefault(part, "").strip())
                                .filter(part -> !part.isEmpty())
                                .toList())
                .strip();
        Optional<Map<String, String>> password = only(user, "password");
        Optional<Map<String, String>> app = only(user, "otp");
        return new Arrival(
                username,
                Optional.ofNullable(user.texts.get("email")).filter(email -> !email.isBlank()),
                Optional.of(name).filter(text -> !text.isEmpty()),
                user.groups,
                true,
                user.locale.filter(locale -> !locale.isBlank()),
                password.isPresent() ? Optional.of(SecretText.of(hash(password.get()))) : Optional.empty(),
                user.requiredActions.contains("UPDATE_PASSWORD")
                        || password.filter(one -> "true".equals(one.get("temporary")))
                                .isPresent(),
                app.isPresent() ? Optional.of(SecretText.of(otpauth(app.get()))) : Optional.empty(),
                user.enabled.map(enabled -> !enabled),
                Optional.empty());
    }

    /** The first of this kind: the one Keycloak prefers. */
    private static Optional<Map<String, String>> only(User user, String type) {
        return user.credentials.stream()
                .filter(credential -> type.equals(credential.get("type")))
                .findFirst();
    }

    // ---- credentials

    /** Keycloak keeps parameters and salt apart; here they become one string. */
    private static String hash(Map<String, String> credential) throws Unusable {
        JsonNode data = json(credential, "credentialData");
        JsonNode secret = json(credential, "secretData");
        String algorithm = data.path("algorithm").asString("");
        String iterations = data.path("hashIterations").asString("");
        String salt = secret.path("salt").asString("");
        String value = secret.path("value").asString("");
        return switch (algorithm) {
            case "pbkdf2" -> "$pbkdf2-sha1$i=" + iterations + "$" + salt + "$" + value;
            case "pbkdf2-sha256", "pbkdf2-sha512" -> "$" + algorithm + "$i=" + iterations + "$" + salt + "$" + value;
            case "bcrypt" -> value;
            case "argon2" -> {
                JsonNode more = data.path("additionalParameters");
                String version = first(more, "version", "1.3").equals("1.0") ? "16" : "19";
                yield "$argon2" + first(more, "type", "id") + "$v=" + version + "$m=" + first(more, "memory", "7168")
                        + ",t=" + iterations + ",p=" + first(more, "parallelism", "1") + "$" + salt + "$" + value;
            }
            default -> throw new Unusable(Reason.of(Reason.Code.PASSWORD_ALGORITHM, Refusals.shown(algorithm)));
        };
    }

    private static String otpauth(Map<String, String> credential) throws Unusable {
        JsonNode data = json(credential, "credentialData");
        JsonNode secret = json(credential, "secretData");
        if (!data.path("subType").asString("totp").equals("totp")) {
            throw new Unusable(Reason.of(Reason.Code.APP_COUNTER));
        }
        try {
            Totp totp = new Totp(
                    Hmac.valueOf(data.path("algorithm").asString("HmacSHA1").replace("Hmac", "")),
                    data.path("digits").asInt(6),
                    Duration.ofSeconds(data.path("period").asInt(30)));
            String value = secret.path("value").asString("");
            return data.path("secretEncoding").asString("").equals("BASE32")
                    ? OtpauthUri.ofText(totp, value)
                    : OtpauthUri.of(
                            totp, SecretBytes.of(value.getBytes(StandardCharsets.UTF_8)), "Keycloak", "account");
        } catch (IllegalArgumentException | JacksonException e) {
            throw new Unusable(Reason.of(Reason.Code.APP_SETTINGS));
        }
    }

    private static String first(JsonNode more, String name, String otherwise) {
        return more.path(name).path(0).asString(otherwise);
    }

    private static JsonNode json(Map<String, String> credential, String field) throws Unusable {
        try {
            return JSON.readTree(credential.getOrDefault(field, ""));
        } catch (JacksonException e) {
            throw new Unusable(Reason.of(Reason.Code.CREDENTIAL_UNREADABLE, field));
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
