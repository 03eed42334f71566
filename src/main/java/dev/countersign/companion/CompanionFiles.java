package dev.countersign.companion;

import dev.countersign.vault.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * What the companion is made of: its files, its texts in every language, the words people compare, and a version that changes
 * with any of them, so that installed companions notice.
 */
@Component
final class CompanionFiles {
    /** Not by the class loader of the web application it is first used in, which ends with that. */
    private static final PathMatchingResourcePatternResolver RESOURCES =
            new PathMatchingResourcePatternResolver(CompanionFiles.class.getClassLoader());

    private static final String PREFIX = "companion.";

    /** Files around the companion's own that its pages are made of. */
    private static final List<String> SHARED = List.of("css/countersign.css", "favicon.svg");

    private static final List<String> MADE_OF = List.of("companion/companion.html", "layout/icons.html");

    private final String files;
    private final List<Locale> languages;
    private @Nullable String version;

    CompanionFiles(
            @Value("${countersign.static:classpath:/static}") String files,
            @Value("#{T(dev.countersign.web.Languages).ALL}") List<Locale> languages) {
        this.files = files.endsWith("/") ? files : files + "/";
        this.languages = languages;
    }

    /** Sixteen hexadecimal digits; computed when the first companion asks, so that no start waits for it. */
    synchronized String version() {
        String known = version;
        if (known == null) {
            known = digest();
            version = known;
        }
        return known;
    }

    /** Everything the companion needs without a network, as paths of this server; the first is the page itself. */
    List<String> paths() {
        List<String> paths = new ArrayList<>(List.of("/companion/"));
        SHARED.forEach(path -> paths.add('/' + path));
        own().forEach((name, _) -> paths.add("/companion/" + name));
        languages.forEach(language -> paths.add("/companion/texts/" + language.toLanguageTag() + ".json"));
        languages.forEach(language -> paths.add("/companion/words/" + language.toLanguageTag() + ".txt"));
        return paths;
    }

    /** The service worker: the same file in each version, behind one line with the version and what to keep. */
    String serviceWorker() {
        return text(RESOURCES.getResource(files + "companion/sw.js"));
    }

    /** The texts of the companion in a language, in the order of their keys. */
    Map<String, String> texts(Locale language) {
        ResourceBundle.Control exact =
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);
        ResourceBundle all = ResourceBundle.getBundle("messages.messages", language, exact);
        Map<String, String> texts = new TreeMap<>();
        all.keySet().stream().filter(key -> key.startsWith(PREFIX)).forEach(key -> texts.put(key, all.getString(key)));
        return texts;
    }

    /** The 256 words people compare while a phone is added, one a line. */
    String words(Locale language) {
        return text(RESOURCES.getResource("classpath:/companion/words/" + language.toLanguageTag() + ".txt"));
    }

    /** The companion's own files but the service worker, which browsers keep themselves; by name. */
    private Map<String, Resource> own() {
        try {
            Map<String, Resource> found = new TreeMap<>();
            for (Resource file : RESOURCES.getResources(files + "companion/*.*")) {
                found.put(String.valueOf(file.getFilename()), file);
            }
            found.remove("sw.js");
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String digest() {
        MessageDigest digest = Sha256.begin();
        own().values().forEach(file -> digest.update(bytes(file)));
        SHARED.forEach(path -> digest.update(bytes(RESOURCES.getResource(files + path))));
        MADE_OF.forEach(path -> digest.update(bytes(RESOURCES.getResource("classpath:/templates/" + path))));
        for (Locale language : languages) {
            digest.update(texts(language).toString().getBytes(StandardCharsets.UTF_8));
            digest.update(words(language).getBytes(StandardCharsets.UTF_8));
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    private static String text(Resource file) {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(Resource file) {
        try {
            return file.getContentAsByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
