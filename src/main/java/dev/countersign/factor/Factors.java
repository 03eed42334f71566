package dev.countersign.factor;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** All factors of this program. */
@Component
public final class Factors {
    private final Map<FactorKind, Factor> factors = new EnumMap<>(FactorKind.class);

    Factors(List<Factor> all) {
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

    /** The second factors this account can be asked for. */
    public Set<FactorKind> enrolledSecond(AccountId account) {
        EnumSet<FactorKind> kinds = EnumSet.noneOf(FactorKind.class);
        factors.forEach((kind, factor) -> {
            if (kind != FactorKind.PASSWORD && !factor.enrolments(account).isEmpty()) {
                kinds.add(kind);
            }
        });
        return kinds;
    }
}
