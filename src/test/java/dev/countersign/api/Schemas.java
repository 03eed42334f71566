package dev.countersign.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Compares JSON with the schemas of a description: those words of JSON Schema that it uses, no more. */
final class Schemas {
    private final JsonNode document;

    Schemas(JsonNode document) {
        this.document = document;
    }

    /** What is wrong with the answer of an operation; empty when nothing is. */
    List<String> problems(String method, String path, int status, JsonNode body) {
        JsonNode operation = document.path("paths").path(path).path(method.toLowerCase(java.util.Locale.ROOT));
        JsonNode response = operation.path("responses").path(Integer.toString(status));
        if (response.isMissingNode()) {
            return List.of("status " + status + " is not described");
        }
        List<String> problems = new ArrayList<>();
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            return body.isEmpty() ? problems : List.of("a body that is not described");
        }
        check("", content.properties().iterator().next().getValue().path("schema"), body, problems);
        return problems;
    }

    private void check(String where, JsonNode schema, JsonNode value, List<String> problems) {
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asString().replaceAll(".*/", "");
            check(where, document.path("components").path("schemas").path(name), value, problems);
            return;
        }
        boolean fits = switch (schema.path("type").asString("")) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "boolean" -> value.isBoolean();
            default -> false;
        };
        if (!fits) {
            problems.add(where + " is no " + schema.path("type").asString("(unknown)") + ": " + value);
            return;
        }
        if (schema.path("format").asString("").equals("date-time")) {
            try {
                Instant.parse(value.asString());
            } catch (java.time.DateTimeException e) {
                problems.add(where + " is no date: " + value);
            }
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                check(where + "[]", schema.path("items"), item, problems);
            }
        }
        if (value.isObject() && schema.has("properties")) {
            for (JsonNode name : schema.path("required")) {
                if (!value.has(name.asString())) {
                    problems.add(where + "." + name.asString() + " is missing");
                }
            }
            value.properties().forEach(property -> {
                JsonNode known = schema.path("properties").path(property.getKey());
                if (known.isMissingNode()) {
                    problems.add(where + "." + property.getKey() + " is not described");
                } else {
                    check(where + "." + property.getKey(), known, property.getValue(), problems);
                }
            });
        }
    }
}
