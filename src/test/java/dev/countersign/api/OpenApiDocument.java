package dev.countersign.api;

import dev.countersign.web.Access;
import dev.countersign.web.Operation;
import dev.countersign.web.Problem;
import dev.countersign.web.ProblemType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes {@code openapi/v1.json} from the handlers themselves: their addresses, parameters, records and annotations. */
final class OpenApiDocument {
    static final String PREFIX = "/api/v1/";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, ObjectNode> schemas = new TreeMap<>();
    private final Map<String, Class<?>> owners = new TreeMap<>();

    private OpenApiDocument() {}

    static String write(Map<RequestMappingInfo, HandlerMethod> handlers) {
        return JsonMapper.builder()
                        .enable(tools.jackson.databind.SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(new OpenApiDocument().document(handlers))
                + "\n";
    }

    private ObjectNode document(Map<RequestMappingInfo, HandlerMethod> handlers) {
        ObjectNode root = NODES.objectNode();
        root.put("openapi", "3.1.0");
        root.putObject("info")
                .put("title", "Countersign")
                .put("version", "1")
                .put(
                        "description",
                        "Sign-in for native applications, the second factor alone, and everything the console does.")
                .putObject("license")
                .put("name", "Apache-2.0")
                .put("identifier", "Apache-2.0");
        root.putArray("servers").addObject().put("url", "/");
        ObjectNode paths = root.putObject("paths");
        Map<String, Map<String, ObjectNode>> byPath = new TreeMap<>();
        handlers.forEach((info, handler) -> info.getPatternValues().stream()
                .filter(path -> path.startsWith(PREFIX))
                .forEach(path -> info.getMethodsCondition()
                        .getMethods()
                        .forEach(method -> byPath.computeIfAbsent(path, _ -> new TreeMap<>())
                                .merge(
                                        method.name().toLowerCase(java.util.Locale.ROOT),
                                        operation(method, info, handler),
                                        OpenApiDocument::merged))));
        byPath.forEach((path, operations) -> operations.forEach(paths.withObjectProperty(path)::set));
        schema(Problem.class);
        schemas.get("Problem")
                .withObjectProperty("properties")
                .withObjectProperty("type")
                .set("examples", problemTypes());
        ObjectNode components = root.putObject("components");
        ObjectNode all = components.putObject("schemas");
        schemas.forEach(all::set);
        components
                .putObject("securitySchemes")
                .putObject("bearer")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "An API key, a session token, or the token of a sign-in.");
        return root;
    }

    /** Two handlers of one route answer in different media types: one operation, of the one that is no table. */
    private static ObjectNode merged(ObjectNode one, ObjectNode other) {
        boolean table = content(one).has("text/csv");
        ObjectNode main = table ? other : one;
        content(main).setAll(content(table ? one : other));
        return main;
    }

    private static ObjectNode content(ObjectNode operation) {
        return (ObjectNode) operation.path("responses").path("200").path("content");
    }

    private static ArrayNode problemTypes() {
        ArrayNode types = NODES.arrayNode();
        for (ProblemType type : ProblemType.values()) {
            types.add(type.type());
        }
        return types;
    }

    private ObjectNode operation(RequestMethod method, RequestMappingInfo info, HandlerMethod handler) {
        Access access = handler.getMethodAnnotation(Access.class);
        Operation described = handler.getMethodAnnotation(Operation.class);
        if (access == null || described == null) {
            throw new IllegalStateException(handler + " has no @Access or no @Operation");
        }
        ObjectNode operation = NODES.objectNode();
        operation.put("operationId", handler.getMethod().getName());
        operation.putArray("tags").add(handler.getBeanType().getSimpleName().replaceAll("Api$", ""));
        operation.put("summary", described.value());
        needs(access).ifPresent(text -> operation.put("description", text));
        ArrayNode security = operation.putArray("security");
        if (access.value() != Access.Level.PUBLIC) {
            security.addObject().putArray("bearer");
        }
        parameters(method, handler, operation);
        body(info, handler, operation);
        if (!described.file().isEmpty()) {
            ObjectNode file = operation.putObject("requestBody").put("required", true);
            file.putObject("content")
                    .putObject(described.file())
                    .putObject("schema")
                    .put("type", "string")
                    .put("format", "binary");
        }
        responses(info, handler, access, described, operation);
        return operation;
    }

    private static java.util.Optional<String> needs(Access access) {
        return switch (access.value()) {
            case API ->
                java.util.Optional.of("Needs the permission "
                        + java.util.Arrays.stream(access.needs())
                                .map(permission -> "`" + permission.wireName() + "`")
                                .collect(Collectors.joining(", "))
                        + (access.fresh() ? ", and of a person a second factor shown in the last five minutes." : "."));
            case OPERATOR -> java.util.Optional.of("Needs an API key with the scope `operator`.");
            case PUBLIC, SIGN_IN, SESSION, CONSOLE, BEARER -> java.util.Optional.empty();
        };
    }

    private void parameters(RequestMethod method, HandlerMethod handler, ObjectNode operation) {
        ArrayNode parameters = NODES.arrayNode();
        for (Parameter parameter : handler.getMethod().getParameters()) {
            PathVariable path = parameter.getAnnotation(PathVariable.class);
            RequestParam query = parameter.getAnnotation(RequestParam.class);
            RequestHeader header = parameter.getAnnotation(RequestHeader.class);
            if (path != null) {
                parameter(parameters, path.value(), "path", true, parameter.getType());
            } else if (query != null) {
                parameter(parameters, query.name(), "query", query.required(), parameter.getParameterizedType());
            } else if (header != null) {
                parameter(parameters, header.name(), "header", header.required(), parameter.getType());
            }
        }
        if (method == RequestMethod.POST) {
            parameter(parameters, "Idempotency-Key", "header", false, String.class);
        }
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
    }

    private void parameter(ArrayNode parameters, String name, String in, boolean required, Type type) {
        ObjectNode parameter = parameters.addObject();
        parameter.put("name", name).put("in", in).put("required", required).set("schema", schema(type));
    }

    private void body(RequestMappingInfo info, HandlerMethod handler, ObjectNode operation) {
        for (Parameter parameter : handler.getMethod().getParameters()) {
            if (parameter.isAnnotationPresent(RequestBody.class)) {
                ObjectNode body = operation.putObject("requestBody");
                body.put("required", true);
                String type = info.getConsumesCondition().getConsumableMediaTypes().stream()
                        .findFirst()
                        .map(Object::toString)
                        .orElse("application/json");
                body.putObject("content").putObject(type).set("schema", schema(parameter.getParameterizedType()));
            }
        }
    }

    private void responses(
            RequestMappingInfo info, HandlerMethod handler, Access access, Operation described, ObjectNode operation) {
        ResponseStatus declared = handler.getMethodAnnotation(ResponseStatus.class);
        int status = declared == null ? 200 : declared.value().value();
        ObjectNode responses = operation.putObject("responses");
        ObjectNode success = responses.putObject(Integer.toString(status));
        Type type = unwrapped(handler.getMethod().getGenericReturnType());
        boolean empty = type == void.class && info.getProducesCondition().isEmpty();
        success.put("description", empty ? "Done." : "Answered.");
        if (!empty) {
            String media = info.getProducesCondition().getProducibleMediaTypes().stream()
                    .findFirst()
                    .map(Object::toString)
                    .orElse("application/json");
            success.putObject("content")
                    .putObject(media)
                    .set("schema", type == void.class ? schema(String.class) : schema(type));
        }
        Map<Integer, Set<ProblemType>> refusals = new TreeMap<>();
        Set<ProblemType> all = general(handler, access);
        all.addAll(List.of(described.problems()));
        all.forEach(
                problem -> refusals.computeIfAbsent(problem.status().value(), _ -> EnumSet.noneOf(ProblemType.class))
                        .add(problem));
        refusals.forEach((code, types) -> {
            ObjectNode refusal = responses.putObject(Integer.toString(code));
            refusal.put(
                    "description",
                    types.stream()
                                    .map(one -> one.title() + " (" + name(one) + ")")
                                    .collect(Collectors.joining("; ")) + ".");
            refusal.putObject("content").putObject("application/problem+json").set("schema", schema(Problem.class));
        });
    }

    private static String name(ProblemType type) {
        return type.type().substring(ProblemType.TYPES.length());
    }

    /** What every route like this one can answer. */
    private static Set<ProblemType> general(HandlerMethod handler, Access access) {
        Set<ProblemType> types = EnumSet.of(
                ProblemType.INVALID_REQUEST,
                ProblemType.NOT_ACCEPTABLE,
                ProblemType.TOO_MANY_REQUESTS,
                ProblemType.INTERNAL,
                ProblemType.BUSY);
        List<Parameter> parameters = List.of(handler.getMethod().getParameters());
        boolean post = handler.hasMethodAnnotation(org.springframework.web.bind.annotation.PostMapping.class);
        if (parameters.stream().anyMatch(one -> one.isAnnotationPresent(RequestBody.class))) {
            types.addAll(EnumSet.of(
                    ProblemType.INVALID_JSON,
                    ProblemType.UNKNOWN_FIELD,
                    ProblemType.READ_ONLY_FIELD,
                    ProblemType.UNSUPPORTED_MEDIA_TYPE));
        }
        if (post) {
            types.addAll(EnumSet.of(
                    ProblemType.REQUEST_IN_PROGRESS,
                    ProblemType.OUTCOME_UNKNOWN,
                    ProblemType.IDEMPOTENCY_KEY_REUSED,
                    ProblemType.TOO_LARGE));
        }
        if (parameters.stream()
                .map(one -> one.getAnnotation(RequestParam.class))
                .anyMatch(query -> query != null && query.name().equals("cursor"))) {
            types.add(ProblemType.INVALID_CURSOR);
        }
        if (parameters.stream().anyMatch(one -> one.isAnnotationPresent(PathVariable.class))) {
            types.add(ProblemType.NOT_FOUND);
        }
        if (access.value() == Access.Level.API || access.value() == Access.Level.OPERATOR) {
            types.addAll(EnumSet.of(
                    ProblemType.NOT_AUTHENTICATED,
                    ProblemType.INVALID_TOKEN,
                    ProblemType.INSUFFICIENT_USER_AUTHENTICATION,
                    ProblemType.PERMISSION_MISSING));
        }
        return types;
    }

    private static Type unwrapped(Type type) {
        return type instanceof ParameterizedType generic && generic.getRawType() == ResponseEntity.class
                ? generic.getActualTypeArguments()[0]
                : type;
    }

    private ObjectNode schema(Type type) {
        if (type instanceof ParameterizedType generic) {
            Class<?> raw = (Class<?>) generic.getRawType();
            if (Collection.class.isAssignableFrom(raw)) {
                ObjectNode list = NODES.objectNode().put("type", "array");
                list.set("items", schema(generic.getActualTypeArguments()[0]));
                return list;
            }
            if (Map.class.isAssignableFrom(raw)) {
                ObjectNode map = NODES.objectNode().put("type", "object");
                map.set("additionalProperties", schema(generic.getActualTypeArguments()[1]));
                return map;
            }
            Class<?> item = (Class<?>) generic.getActualTypeArguments()[0];
            return component(raw.getSimpleName() + "Of" + item.getSimpleName(), raw, item);
        }
        Class<?> plain = (Class<?>) type;
        if (plain.isRecord()) {
            return component(plain.getSimpleName(), plain, plain);
        }
        return simple(plain);
    }

    private static ObjectNode simple(Class<?> type) {
        ObjectNode schema = NODES.objectNode();
        if (type == String.class
                || type == org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody.class) {
            return schema.put("type", "string");
        }
        if (type == int.class || type == Integer.class) {
            return schema.put("type", "integer").put("format", "int32");
        }
        if (type == long.class || type == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        }
        if (type == boolean.class || type == Boolean.class) {
            return schema.put("type", "boolean");
        }
        if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        }
        if (type == Resource.class || JsonNode.class.isAssignableFrom(type)) {
            return schema.put("type", "object");
        }
        throw new IllegalStateException("no schema for " + type);
    }

    private ObjectNode component(String name, Class<?> record, Class<?> argument) {
        ObjectNode reference = NODES.objectNode().put("$ref", "#/components/schemas/" + name);
        Class<?> owner = record == argument ? record : argument;
        if (schemas.containsKey(name)) {
            if (owners.get(name) != owner) {
                throw new IllegalStateException("two records are called " + name);
            }
            return reference;
        }
        ObjectNode schema = NODES.objectNode().put("type", "object");
        schemas.put(name, schema);
        owners.put(name, owner);
        List<String> required = new ArrayList<>();
        ObjectNode properties = schema.putObject("properties");
        for (RecordComponent component : record.getRecordComponents()) {
            properties.set(component.getName(), property(component, argument));
            if (!isNullable(component.getAnnotatedType())) {
                required.add(component.getName());
            }
        }
        if (!required.isEmpty()) {
            ArrayNode names = schema.putArray("required");
            required.forEach(names::add);
        }
        schema.put("additionalProperties", false);
        return reference;
    }

    private ObjectNode property(RecordComponent component, Class<?> argument) {
        Type type = component.getGenericType();
        if (type instanceof ParameterizedType generic
                && generic.getActualTypeArguments()[0] instanceof java.lang.reflect.TypeVariable<?>) {
            ObjectNode list = NODES.objectNode().put("type", "array");
            list.set("items", schema(argument));
            return list;
        }
        return schema(type);
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    /** The routes a document describes: {@code GET /api/v1/session}. */
    static Set<String> routes(JsonNode document) {
        Set<String> routes = new java.util.TreeSet<>(Comparator.naturalOrder());
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation -> routes.add(
                                operation.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
        return routes;
    }
}
