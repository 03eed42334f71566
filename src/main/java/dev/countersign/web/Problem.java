package dev.countersign.web;

import org.jspecify.annotations.Nullable;

/**
 * A refusal as REST sends it, RFC 9457.
 *
 * @param type {@link ProblemType#type()}
 * @param detail what to do
 * @param field the field or parameter it is about, if it is about one
 * @param requestId names the request in the log
 */
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String field,
        String requestId) {}
