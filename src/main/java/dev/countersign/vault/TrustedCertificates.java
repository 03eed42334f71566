package dev.countersign.vault;

import dev.countersign.kernel.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom this program trusts when it calls other servers by TLS: certificate authorities of one's own beside those Java knows.
 *
 * @param context for connections to them
 * @param manager what {@code context} asks, for libraries that want it too
 */
public record TrustedCertificates(SSLContext context, X509TrustManager manager) {
    /** @param file certificates, in PEM */
    public static TrustedCertificates and(Path file) {
        List<X509Certificate> added = read(file);
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            int number = 0;
            for (X509Certificate each : Stream.concat(Stream.of(manager(null).getAcceptedIssuers()), added.stream())
                    .toList()) {
                anchors.setCertificateEntry("anchor" + number++, each);
            }
            X509TrustManager manager = manager(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return new TrustedCertificates(context, manager);
        } catch (GeneralSecurityException | IOException e) {
            throw refused(file, e);
        }
    }

    /** Has every connection of this process ask it that does not say otherwise. Comes before the first: Java keeps whom it trusted then. */
    public void useEverywhere() {
        SSLContext.setDefault(context);
    }

    /** @param anchors {@code null} for those Java knows */
    private static X509TrustManager manager(@Nullable KeyStore anchors) throws GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        return Stream.of(trust.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static List<X509Certificate> read(Path file) {
        try (InputStream pem = Files.newInputStream(file)) {
            List<X509Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(pem).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (found.isEmpty()) {
                throw new CertificateException("there is none");
            }
            return found;
        } catch (IOException | CertificateException e) {
            throw refused(file, e);
        }
    }

    private static StartFailure refused(Path file, Exception why) {
        return new StartFailure(
                StartFailure.Kind.CONFIGURATION,
                "trusted-certificates names " + file + ", which holds no certificates in PEM that can be read.",
                why);
    }
}
