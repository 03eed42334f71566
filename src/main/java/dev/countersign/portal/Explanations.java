package dev.countersign.portal;

import dev.countersign.factor.totp.WrongCode;
import dev.countersign.signin.Held;
import dev.countersign.signin.SignIn;
import dev.countersign.web.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What is known of a wrong code, carried in the address to the page that asks again: {@code known=fast-250}. */
@Component
final class Explanations {
    private static final Pattern KNOWN = Pattern.compile("(fast|slow)-(\\d{1,5})|used|older");

    private final Durations durations;

    Explanations(Durations durations) {
        this.durations = durations;
    }

    /** The end of the address. */
    static String parameter(Optional<WrongCode> why) {
        return why.map(code -> "&known=" + code.describe().replace(' ', '-')).orElse("");
    }

    /** The problem as the page shows it; only to someone who is signed in, or registering. */
    Map<String, Object> of(@Nullable String known, Held held, Locale locale) {
        boolean trusted = held.state() instanceof SignIn.MustEnrol
                || held.state().heading().replaces().isPresent();
        Matcher matcher = KNOWN.matcher(known == null ? "" : known);
        Map<String, Object> model = new HashMap<>();
        if (trusted && matcher.matches()) {
            String kind = matcher.group(1) == null ? matcher.group() : matcher.group(1);
            model.put("problem", key(kind));
            model.put(
                    "problemArguments",
                    matcher.group(2) == null
                            ? new Object[0]
                            : new Object[] {
                                durations.exactly(Duration.ofSeconds(Long.parseLong(matcher.group(2))), locale)
                            });
        }
        return model;
    }

    private static String key(String kind) {
        return switch (kind) {
            case "fast" -> "problem.code-fast";
            case "slow" -> "problem.code-slow";
            case "used" -> "problem.code-used";
            default -> "problem.code-older";
        };
    }
}
