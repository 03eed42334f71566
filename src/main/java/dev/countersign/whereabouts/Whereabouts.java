package dev.countersign.whereabouts;

import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.Reader;
import dev.countersign.configuration.Settings;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Looks addresses up in MaxMind DB files of the server's owner; without them nothing is known of any address, and no other
 * server is ever asked. Places are a hint for the person, and no rule depends on them. Thread-safe.
 */
@Component
public final class Whereabouts implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(Whereabouts.class);

    private final Optional<Reader> places;
    private final Optional<Reader> networks;

    Whereabouts(Settings settings) {
        this.places = settings.whereabouts().places().flatMap(Whereabouts::open);
        this.networks = settings.whereabouts().networks().flatMap(Whereabouts::open);
    }

    /** A file that cannot be read costs the hint, and nothing else. */
    private static Optional<Reader> open(Path file) {
        try {
            return Optional.of(new Reader(file.toFile()));
        } catch (IOException e) {
            LOG.warn("{} cannot be read, addresses are shown without it: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Who runs the network the address is in. */
    public Optional<String> network(String address) {
        return record(networks, address)
                .flatMap(record ->
                        text(record, "autonomous_system_organization").or(() -> text(record, "organization")));
    }

    /** City and country of the address in this language, or in English. */
    public Optional<String> place(String address, Locale language) {
        return record(places, address)
                .map(record -> Stream.of("city", "country")
                        .flatMap(level -> name(record, level, language).stream())
                        .toList())
                .filter(names -> !names.isEmpty())
                .map(names -> String.join(", ", names));
    }

    private static Optional<Map<?, ?>> record(Optional<Reader> file, String address) {
        IPAddress parsed = new IPAddressString(address).getAddress();
        if (file.isEmpty() || parsed == null) {
            return Optional.empty();
        }
        try {
            InetAddress literal = parsed.toInetAddress();
            DatabaseRecord<?> found = file.get().getRecord(literal, Map.class);
            return found.data() instanceof Map<?, ?> record ? Optional.of(record) : Optional.empty();
        } catch (IOException e) {
            LOG.warn("an address could not be looked up: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<String> name(Map<?, ?> record, String level, Locale language) {
        if (!(record.get(level) instanceof Map<?, ?> details) || !(details.get("names") instanceof Map<?, ?> names)) {
            return Optional.empty();
        }
        return Stream.of(language.getLanguage(), "en")
                .flatMap(each -> text(names, each).stream())
                .findFirst();
    }

    private static Optional<String> text(Map<?, ?> record, String name) {
        return record.get(name) instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }

    /** The kinds of files that were opened, for the doctor. */
    public List<String> known() {
        return Stream.of(places.map(_ -> "places"), networks.map(_ -> "networks"))
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void destroy() throws IOException {
        for (Optional<Reader> reader : List.of(places, networks)) {
            if (reader.isPresent()) {
                reader.get().close();
            }
        }
    }
}
