package dev.countersign.vault;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.springframework.boot.ssl.pem.PemContent;

/** Looks at a certificate and its key before a browser does. */
public final class Certificates {
    private static final byte[] PROBE = {1, 2, 3};

    private Certificates() {}

    /** What two PEM files hold. */
    public sealed interface Look {
        /**
         * The first certificate of the chain.
         *
         * @param names the hosts it is for
         * @param matches whether the key is the one it was made with
         */
        record Read(Instant from, Instant until, List<String> names, boolean matches) implements Look {}

        record Unreadable(String why) implements Look {}
    }

    public static Look look(Path certificate, Path key) {
        try {
            X509Certificate first =
                    PemContent.load(certificate).getCertificates().getFirst();
            PrivateKey secret = PemContent.load(key).getPrivateKey();
            if (secret == null) {
                return new Look.Unreadable("There is no private key in " + key + ".");
            }
            return new Look.Read(
                    first.getNotBefore().toInstant(),
                    first.getNotAfter().toInstant(),
                    names(first),
                    belongs(secret, first));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return new Look.Unreadable("The certificate " + certificate + " and the key " + key + " cannot be read.");
        }
    }

    private static List<String> names(X509Certificate certificate) throws GeneralSecurityException {
        List<String> names = new ArrayList<>();
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            alternatives.forEach(name -> names.add(String.valueOf(name.get(1))));
        }
        return names.isEmpty() ? List.of(certificate.getSubjectX500Principal().getName()) : names;
    }

    private static boolean belongs(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(PROBE);
        byte[] signature = signer.sign();
        signer.initVerify(certificate.getPublicKey());
        signer.update(PROBE);
        return signer.verify(signature);
    }
}
