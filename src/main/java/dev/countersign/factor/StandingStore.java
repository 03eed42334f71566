package dev.countersign.factor;

import dev.countersign.kernel.AccountId;
import dev.countersign.kernel.FactorKind;
import dev.countersign.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * Reads the tables of all factors in one statement: each step of a sign-in and each request of a session asks. What it answers
 * is what the factors say themselves, which {@code FactorContract} in the tests compares.
 */
@Component
final class StandingStore {
    private static final String SELECT = """
            SELECT (SELECT count(*) FROM phone WHERE account_id = a.id) AS phones,
                   (SELECT count(*) FROM totp WHERE account_id = a.id) AS apps,
                   (SELECT count(confirmed_at) FROM recovery_code WHERE account_id = a.id) AS recovery_codes,
                   (SELECT count(*) FROM recovery_resumption WHERE account_id = a.id) AS resumptions,
                   (SELECT count(*) FROM replacement_code WHERE account_id = a.id) AS replacements,
                   (SELECT must_change_why FROM password WHERE account_id = a.id) AS must_change_why
            FROM account a WHERE a.id = ?""";

    private final Database database;

    StandingStore(Database database) {
        this.database = database;
    }

    Standing of(AccountId account) {
        return database.sql()
                .sql(SELECT)
                .param(account.value())
                .query((row, _) -> standing(row))
                .optional()
                .orElse(Standing.NOTHING);
    }

    private static Standing standing(ResultSet row) throws SQLException {
        boolean phone = row.getInt("phones") > 0;
        boolean recovery = row.getInt("recovery_codes") > 0;
        Set<FactorKind> second = EnumSet.noneOf(FactorKind.class);
        add(second, FactorKind.TOTP, phone || row.getInt("apps") > 0);
        add(second, FactorKind.PUSH, phone);
        add(second, FactorKind.RECOVERY, recovery || row.getInt("resumptions") > 0);
        add(second, FactorKind.REPLACEMENT, row.getInt("replacements") > 0);
        return new Standing(second, recovery, Optional.ofNullable(row.getString("must_change_why")));
    }

    private static void add(Set<FactorKind> kinds, FactorKind kind, boolean has) {
        if (has) {
            kinds.add(kind);
        }
    }
}
