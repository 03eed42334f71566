package dev.countersign.web;

import dev.countersign.kernel.Channel;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.session.Sessions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Which forms with files are read at all: those of two pages, from people who are signed in, and no larger than they may be.
 * Asked before anything looks at a parameter, since that alone would take the whole body in.
 */
@Component
final class UploadGate {
    /** A file of 32 MiB, and what stands around it. */
    private static final long LARGEST = (32L << 20) + (64 << 10);

    /** Of what is too large so much is read away, so that the browser gets to see the answer. */
    private static final long READ_AWAY = 512L << 20;

    private static final Set<String> PATHS = Set.of("/console/people/import", "/console/groups/import");

    private final Sessions sessions;
    private final Clock clock;

    UploadGate(Sessions sessions, Clock clock) {
        this.sessions = sessions;
        this.clock = clock;
    }

    /** The status a form with a file is refused with; nothing when it is none, or may be read. */
    OptionalInt refusal(HttpServletRequest request, EnvironmentId environment) throws IOException {
        String type = request.getContentType();
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            return OptionalInt.empty();
        }
        if (!request.getMethod().equals("POST") || !PATHS.contains(request.getRequestURI())) {
            return OptionalInt.of(HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE);
        }
        boolean isSignedIn = Cookies.SESSION
                .token(request)
                .flatMap(token -> sessions.find(environment, Channel.COOKIE, token, clock.instant()))
                .isPresent();
        if (!isSignedIn) {
            return OptionalInt.of(HttpServletResponse.SC_FORBIDDEN);
        }
        long length = request.getContentLengthLong();
        if (length > LARGEST) {
            readAway(request.getInputStream());
            return OptionalInt.of(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
        }
        return length < 0 ? OptionalInt.of(HttpServletResponse.SC_BAD_REQUEST) : OptionalInt.empty();
    }

    private static void readAway(InputStream body) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long all = 0;
        for (int read = body.read(buffer); read >= 0 && all < READ_AWAY; read = body.read(buffer)) {
            all += read;
        }
    }
}
