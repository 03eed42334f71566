package dev.countersign.web;

import dev.countersign.store.Database;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** When the database is busy or gone, access is refused and the person is told to try again. */
@ControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    @ExceptionHandler({Database.Busy.class, DataAccessException.class})
    void unavailable(RuntimeException failure, HttpServletResponse response) throws IOException {
        send(failure, response);
    }

    /** Also for what fails before a handler was reached: filters ask the database too. */
    static void send(RuntimeException failure, HttpServletResponse response) throws IOException {
        LOG.error("the database did not answer", failure);
        if (!response.isCommitted()) {
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
    }
}
