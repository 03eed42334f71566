package dev.countersign.companion;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.countersign.web.ProblemType;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers {@link PhoneProblem}, as problem+json with its figure. */
@RestControllerAdvice(assignableTypes = {CompanionApi.class, PairingApi.class})
@Order(Ordered.HIGHEST_PRECEDENCE)
final class PhoneProblems {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Body(
            String type,
            String title,
            int status,
            String detail,
            @Nullable Integer left,
            @Nullable Long serverTime) {}

    @ExceptionHandler
    ResponseEntity<Body> answer(PhoneProblem problem) {
        String detail = String.valueOf(problem.getMessage());
        return ResponseEntity.status(problem.status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(new Body(
                        ProblemType.TYPES + problem.type(),
                        detail,
                        problem.status(),
                        detail,
                        problem.left(),
                        problem.serverTime()));
    }
}
