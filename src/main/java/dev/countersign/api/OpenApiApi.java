package dev.countersign.api;

import dev.countersign.web.Access;
import dev.countersign.web.Operation;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The description of all this. It is written from the code by a test, and served as it is: no start waits for it. */
@RestController
final class OpenApiApi {
    private static final Resource DOCUMENT = new ClassPathResource("openapi/v1.json");

    @GetMapping(path = "/api/v1/openapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.PUBLIC)
    @Operation("This description, OpenAPI 3.1.")
    Resource getOpenApi() {
        return DOCUMENT;
    }
}
