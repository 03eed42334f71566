package dev.countersign.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.LocaleResolver;

/** The language of a page: the account's, else the one chosen in this browser, else the first of the browser's we have. */
@Component("localeResolver")
public final class Languages implements LocaleResolver {
    /** What the interface is translated to; the first is the default. */
    public static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.GERMAN, Locale.FRENCH, Locale.of("nl"));

    /** The supported language with this tag. */
    public static Optional<Locale> ofTag(String tag) {
        return ALL.stream().filter(locale -> locale.toLanguageTag().equals(tag)).findFirst();
    }

    @Override
    public Locale resolveLocale(HttpServletRequest request) {
        return SignedIn.find(request)
                .flatMap(person -> person.account().locale())
                .or(() -> Cookies.LANGUAGE.value(request))
                .flatMap(Languages::ofTag)
                .orElseGet(() -> ofBrowser(request.getHeader("Accept-Language")));
    }

    private static Locale ofBrowser(@Nullable String header) {
        if (header == null || header.length() > 500) {
            return ALL.getFirst();
        }
        try {
            Locale best = Locale.lookup(Locale.LanguageRange.parse(header), ALL);
            return best == null ? ALL.getFirst() : best;
        } catch (IllegalArgumentException e) {
            return ALL.getFirst();
        }
    }

    @Override
    public void setLocale(HttpServletRequest request, @Nullable HttpServletResponse response, @Nullable Locale locale) {
        throw new UnsupportedOperationException("a language is chosen with choose()");
    }

    /** Keeps the language for this browser. */
    public static void choose(HttpServletResponse response, Locale locale) {
        Cookies.LANGUAGE.set(response, locale.toLanguageTag());
    }
}
