package dev.countersign.factor;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** All factors of this program. */
@Component
public final class Factors {
    private final Map<FactorKind, Factor> factors = new EnumMap<>(FactorKind.class);

    private final StandingStore standings;

    Factors(List<Factor> all, StandingStore standings) {
        this.standings = standings;
        all.forEach(factor -> factors.put(factor.kind(), factor));
        if (factors.size() != FactorKind.values().length || all.size() != factors.size()) {
            throw new IllegalStateException("each kind of factor has exactly one implementation");
        }
    }

    public Factor of(FactorKind kind) {
        Factor factor = factors.get(kind);
        if (factor == null) {
            throw new IllegalStateException("no factor " + kind);
        }
        return factor;
    }

    /** What the account has set up, read at once. */
    public Standing standing(AccountId account) {
        return standings.of(account);
    }
}
