package dev.countersign.factor.companion;

import dev.countersign.factor.totp.MoreApps;
import dev.countersign.factor.totp.Totp;
import dev.countersign.kernel.AccountId;
import dev.countersign.vault.SecretBytes;
import dev.countersign.vault.Vault;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The codes paired phones make without a network: each phone has a secret of its own, which goes with it. */
@Component
final class PhoneCodes implements MoreApps {
    private static final Logger LOG = LoggerFactory.getLogger(PhoneCodes.class);

    private final PhoneStore store;
    private final Vault vault;

    PhoneCodes(PhoneStore store, Vault vault) {
        this.store = store;
        this.vault = vault;
    }

    @Override
    public List<More> of(AccountId account) {
        return store.codes(account).stream()
                .flatMap(codes -> open(codes).stream()
                        .map(secret -> new More(
                                Totp.DEFAULT,
                                secret,
                                0,
                                codes.lastStep(),
                                codes.since(),
                                codes.usedAt(),
                                (step, now) -> store.consumeStep(codes.phone(), step, now))))
                .toList();
    }

    private Optional<SecretBytes> open(PhoneStore.Codes codes) {
        try {
            return Optional.of(vault.open(codes.sealed(), Phones.codesPlace(codes)));
        } catch (Vault.NotOurs e) {
            LOG.error("integrity: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
