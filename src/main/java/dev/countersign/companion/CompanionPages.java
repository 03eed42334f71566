package dev.countersign.companion;

import dev.countersign.web.Access;
import dev.countersign.web.ContentPolicy;
import dev.countersign.web.Languages;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import tools.jackson.databind.ObjectMapper;

/**
 * The companion as an installable web app. Everything here is the same for everybody and says nothing about anybody, so that
 * a phone may keep it; what concerns a person goes through the companion protocol.
 */
@Controller
final class CompanionPages {
    private static final String MANIFEST = "application/manifest+json";
    private static final String SCRIPT = "text/javascript;charset=UTF-8";
    private static final String WORDS = "text/plain;charset=UTF-8";

    private final CompanionFiles files;
    private final LocaleResolver languages;
    private final ObjectMapper json;

    CompanionPages(CompanionFiles files, LocaleResolver languages, ObjectMapper json) {
        this.files = files;
        this.languages = languages;
        this.json = json;
    }

    @GetMapping("/companion")
    @Access(Access.Level.PUBLIC)
    RedirectView start() {
        RedirectView redirect = new RedirectView("/companion/");
        redirect.setStatusCode(HttpStatus.PERMANENT_REDIRECT);
        return redirect;
    }

    @GetMapping("/companion/")
    @Access(Access.Level.PUBLIC)
    ModelAndView app(HttpServletResponse response) {
        ContentPolicy.INSTALLED.set(response);
        return new ModelAndView("companion/companion");
    }

    @GetMapping(path = "/companion/sw.js", produces = SCRIPT)
    @Access(Access.Level.PUBLIC)
    @ResponseBody
    String serviceWorker() {
        Map<String, Object> kept = new LinkedHashMap<>();
        kept.put("version", files.version());
        kept.put("files", files.paths());
        return "self.kept = " + json.writeValueAsString(kept) + ";\n" + files.serviceWorker();
    }

    @GetMapping(path = "/companion/manifest.webmanifest", produces = MANIFEST)
    @Access(Access.Level.PUBLIC)
    @ResponseBody
    Map<String, Object> manifest(HttpServletRequest request) {
        Locale language = languages.resolveLocale(request);
        Map<String, String> texts = files.texts(language);
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("id", "/companion/");
        manifest.put("name", RequestFacts.of(request).environment().displayName());
        manifest.put("short_name", texts.get("companion.title"));
        manifest.put("description", texts.get("companion.description"));
        manifest.put("lang", language.toLanguageTag());
        manifest.put("dir", "ltr");
        manifest.put("start_url", "/companion/");
        manifest.put("scope", "/companion/");
        manifest.put("display", "standalone");
        manifest.put("orientation", "portrait");
        manifest.put("background_color", "#f6f7f7");
        manifest.put("theme_color", "#f6f7f7");
        manifest.put("categories", List.of("security", "business"));
        manifest.put("icons", icons());
        manifest.put(
                "shortcuts",
                List.of(
                        shortcut(texts.get("companion.codes.heading"), "codes"),
                        shortcut(texts.get("companion.history.heading"), "history")));
        return manifest;
    }

    private static List<Map<String, String>> icons() {
        return List.of(
                icon("icon-192.png", "192x192", "any"),
                icon("icon-512.png", "512x512", "any"),
                icon("icon-maskable-512.png", "512x512", "maskable"));
    }

    private static Map<String, String> icon(String file, String sizes, String purpose) {
        return Map.of("src", "/companion/" + file, "sizes", sizes, "type", "image/png", "purpose", purpose);
    }

    private static Map<String, String> shortcut(@Nullable String name, String screen) {
        return Map.of("name", String.valueOf(name), "url", "/companion/#/" + screen);
    }

    @GetMapping(path = "/companion/texts/{language}.json", produces = MediaType.APPLICATION_JSON_VALUE)
    @Access(Access.Level.PUBLIC)
    ResponseEntity<Map<String, String>> texts(@PathVariable String language) {
        return ResponseEntity.of(Languages.ofTag(language).map(files::texts));
    }

    @GetMapping(path = "/companion/words/{language}.txt", produces = WORDS)
    @Access(Access.Level.PUBLIC)
    ResponseEntity<String> words(@PathVariable String language) {
        return ResponseEntity.of(Languages.ofTag(language).map(files::words));
    }
}
