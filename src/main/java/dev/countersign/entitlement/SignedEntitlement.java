package dev.countersign.entitlement;

import dev.countersign.vault.OperatorKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The operator's file: a compact JWS (RFC 7515) signed with Ed25519 (RFC 8037) over
 * {@code {"environment", "features", "seats", "endsAt", "issuedAt"}}.
 */
public record SignedEntitlement(String environment, Entitlement entitlement, Instant issuedAt) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LONGEST = 16_384;

    /** Why a file is not installed. */
    public enum Problem {
        NO_OPERATOR_KEY,
        NOT_SIGNED,
        UNREADABLE,
        UNKNOWN_FEATURE,
        OTHER_ENVIRONMENT,
        /** Another one, issued later, is installed: an old file cannot bring back what was agreed before. */
        OLDER
    }

    sealed interface Opened {
        record Valid(SignedEntitlement signed) implements Opened {}

        record Refused(Problem problem) implements Opened {}
    }

    static Opened open(String file, OperatorKey key) {
        Optional<byte[]> payload = file.length() > LONGEST ? Optional.empty() : key.verify(file.strip());
        if (payload.isEmpty()) {
            return new Opened.Refused(Problem.NOT_SIGNED);
        }
        try {
            return read(JSON.readTree(payload.get()));
        } catch (JacksonException | DateTimeException | IllegalArgumentException e) {
            return new Opened.Refused(Problem.UNREADABLE);
        }
    }

    private static Opened read(JsonNode json) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (JsonNode name : json.path("features")) {
            Optional<Feature> feature = Feature.ofWireName(name.asString(""));
            if (feature.isEmpty()) {
                return new Opened.Refused(Problem.UNKNOWN_FEATURE);
            }
            features.add(feature.get());
        }
        String environment = json.path("environment").asString("");
        if (environment.isEmpty() || !json.path("features").isArray()) {
            return new Opened.Refused(Problem.UNREADABLE);
        }
        Optional<Long> seats = Optional.of(json.path("seats"))
                .filter(node -> !node.isMissingNode() && !node.isNull())
                .map(JsonNode::longValue);
        Optional<Instant> end = Optional.of(json.path("endsAt"))
                .filter(node -> !node.isMissingNode() && !node.isNull())
                .map(node -> Instant.parse(node.asString("")));
        Instant issued = Instant.parse(json.path("issuedAt").asString(""));
        return new Opened.Valid(new SignedEntitlement(environment, new Entitlement(features, seats, end), issued));
    }
}
