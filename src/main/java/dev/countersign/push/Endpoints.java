package dev.countersign.push;

import dev.countersign.configuration.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Which addresses messages are sent to. A browser names its push service, so that the address is whatever someone with a
 * script makes it: the server must not become a way into its own network. Thread-safe.
 */
@Component
public final class Endpoints {
    private static final int LONGEST = 1024;
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    /** What a resolver may read as an IPv4 address in some notation: the last part is a number. */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

    /** Two labels at least, none of them empty: a name of the public DNS. */
    private static final Pattern NAME = Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z][a-z0-9-]{1,62}");

    private static final Pattern LOCAL_NAME =
            Pattern.compile(".*\\.(localhost|localdomain|local|lan|home|corp|internal|intranet|private|home\\.arpa)");

    private final Set<URI> allowed;

    Endpoints(Settings settings) {
        allowed = Set.copyOf(settings.push().allowedEndpoints());
    }

    /** What we make of an address. */
    sealed interface Verdict {
        /** Anyone's push service: only its public addresses are connected to. */
        record Public(URI endpoint, URI origin) implements Verdict {}

        /** One the configuration names: connected to wherever it is. */
        record Listed(URI endpoint, URI origin) implements Verdict {}

        record Refused(String why) implements Verdict {}
    }

    Verdict judge(String text) {
        if (text.length() > LONGEST) {
            return new Verdict.Refused("the endpoint is longer than " + LONGEST + " characters");
        }
        try {
            return judge(new URI(text));
        } catch (URISyntaxException e) {
            return new Verdict.Refused("the endpoint is no address");
        }
    }

    private Verdict judge(URI endpoint) {
        if (endpoint.getScheme() == null || endpoint.getHost() == null || endpoint.getRawFragment() != null) {
            return new Verdict.Refused("the endpoint is no address of a push service");
        }
        if (endpoint.getRawUserInfo() != null || endpoint.getRawAuthority().contains("@")) {
            return new Verdict.Refused("the endpoint holds a user name");
        }
        if (!endpoint.toString().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return new Verdict.Refused("the endpoint holds other characters than ASCII");
        }
        String scheme = endpoint.getScheme().toLowerCase(Locale.ROOT);
        String host = endpoint.getHost().toLowerCase(Locale.ROOT);
        boolean usual =
                endpoint.getPort() < 0 || endpoint.getPort() == (scheme.equals("https") ? HTTPS_PORT : HTTP_PORT);
        URI origin = URI.create(scheme + "://" + host + (usual ? "" : ":" + endpoint.getPort()));
        if (allowed.contains(origin)) {
            return new Verdict.Listed(endpoint, origin);
        }
        if (!scheme.equals("https")) {
            return new Verdict.Refused("the endpoint is not https");
        }
        if (!usual) {
            return new Verdict.Refused("the endpoint has an unusual port");
        }
        return isPublicName(host)
                ? new Verdict.Public(endpoint, origin)
                : new Verdict.Refused("the endpoint's host is no public name");
    }

    /** Push services have names; an address in digits, in whatever notation, is none of them. */
    private static boolean isPublicName(String host) {
        return host.length() <= 253
                && NAME.matcher(host).matches()
                && !ENDS_IN_A_NUMBER.matcher(host).matches()
                && !LOCAL_NAME.matcher(host).matches();
    }
}
