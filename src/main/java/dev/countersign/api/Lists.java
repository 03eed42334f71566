package dev.countersign.api;

import dev.countersign.kernel.EnvironmentId;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Answers a list part by part, with the cursor of the next part in the body and in the header Link (RFC 8288). */
@Component
final class Lists {
    static final int USUAL = 50;
    static final int MOST = 200;

    private final Cursors cursors;

    Lists(Cursors cursors) {
        this.cursors = cursors;
    }

    /** Reads at most {@code most} items behind a position. */
    interface Reader<T> {
        List<T> read(Optional<String> after, int most);
    }

    /**
     * One part of a list.
     *
     * @param list names the list with its filters and order
     * @param position where an item stands in the list
     */
    <T> ResponseEntity<Page<T>> page(
            String list,
            @Nullable Integer limit,
            @Nullable String cursor,
            HttpServletRequest request,
            Function<T, String> position,
            Reader<T> reader) {
        return found(list, limit, cursor, request, (after, most) -> {
            List<T> found = reader.read(after, most + 1);
            return found.size() <= most
                    ? new Found<>(found, Optional.empty())
                    : new Found<>(found.subList(0, most), Optional.of(position.apply(found.get(most - 1))));
        });
    }

    /** A part of a list, and where it goes on. */
    record Found<T>(List<T> items, Optional<String> next) {}

    /** Reads at most {@code most} items behind a position, and says where the list goes on. */
    interface Finder<T> {
        Found<T> find(Optional<String> after, int most);
    }

    /** One part of a list that knows where it goes on. */
    <T> ResponseEntity<Page<T>> found(
            String list,
            @Nullable Integer limit,
            @Nullable String cursor,
            HttpServletRequest request,
            Finder<T> finder) {
        int most = bounded(limit);
        EnvironmentId environment = RequestFacts.of(request).environment().id();
        Optional<String> after = Optional.ofNullable(cursor).map(text -> cursors.read(environment, list, text));
        Found<T> found = finder.find(after, most);
        if (found.next().isEmpty()) {
            return ResponseEntity.ok(new Page<>(found.items(), null));
        }
        String next = cursors.write(environment, list, found.next().get());
        return ResponseEntity.ok()
                .header(HttpHeaders.LINK, "<" + address(request, next) + ">; rel=\"next\"")
                .body(new Page<>(found.items(), next));
    }

    private static int bounded(@Nullable Integer limit) {
        if (limit != null && (limit < 1 || limit > MOST)) {
            throw Refusal.of(
                    ProblemType.INVALID_REQUEST, "limit", "limit is 1 to " + MOST + ", " + USUAL + " if absent");
        }
        return limit == null ? USUAL : limit;
    }

    /** The same address with another cursor; what the query holds stays encoded as it came. */
    private static String address(HttpServletRequest request, String cursor) {
        String query = Optional.ofNullable(request.getQueryString()).orElse("");
        String others = Arrays.stream(query.split("&", -1))
                .filter(part -> !part.isEmpty() && !part.startsWith("cursor="))
                .filter(part -> part.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '"'))
                .collect(Collectors.joining("&"));
        return request.getRequestURI() + "?" + (others.isEmpty() ? "" : others + "&") + "cursor="
                + URLEncoder.encode(cursor, StandardCharsets.UTF_8);
    }
}
