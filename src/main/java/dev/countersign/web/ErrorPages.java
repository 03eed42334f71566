package dev.countersign.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.ModelAndView;

/** What went wrong, as a page that says what to do, or as problem+json (RFC 9457) under {@code /api}. */
@Controller
final class ErrorPages implements ErrorController {
    private static final Set<Integer> EXPLAINED = Set.of(400, 403, 404, 405, 413, 415, 421, 500, 503);

    @RequestMapping("/error")
    @Access(Access.Level.PUBLIC)
    Object show(HttpServletRequest request, HttpServletResponse response) {
        int status = Optional.ofNullable((Integer) request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE))
                .orElse(HttpStatus.NOT_FOUND.value());
        String path = Optional.ofNullable((String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI))
                .orElse("");
        String requestId =
                RequestFacts.find(request).map(RequestFacts::requestId).orElse("");
        if (status == HttpStatus.SERVICE_UNAVAILABLE.value()) {
            response.setHeader("Retry-After", "5");
        }
        return path.startsWith("/api/") ? problem(status, request) : page(status, requestId);
    }

    private static ResponseEntity<Problem> problem(int status, HttpServletRequest request) {
        ProblemType type = ProblemType.ofStatus(status);
        return Problems.reply(Refusal.of(type, type.generalAdvice()), request);
    }

    private static ModelAndView page(int status, String requestId) {
        int explained = EXPLAINED.contains(status) ? status : status >= 500 ? 500 : 400;
        ModelAndView page = new ModelAndView(
                "error/problem",
                Map.of(
                        "status",
                        status,
                        "titleKey",
                        "error." + explained + ".title",
                        "textKey",
                        "error." + explained + ".text",
                        "requestId",
                        requestId));
        page.setStatus(HttpStatus.valueOf(status));
        return page;
    }
}
