package dev.countersign.moving;

import dev.countersign.directory.Account;
import dev.countersign.directory.Newcomers;
import dev.countersign.directory.Username;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is to be done for one item of a file. */
sealed interface Plan {
    Verdict verdict();

    record Add(Candidate candidate, Newcomers.Newcomer newcomer, Verdict verdict) implements Plan {}

    record Change(Candidate candidate, Account account, Set<Field> fields, List<List<Username>> groups, Verdict verdict)
            implements Plan {}

    record Nothing(Verdict verdict) implements Plan {}

    /** What a file may change of an account that exists. */
    enum Field {
        EMAIL,
        NAME,
        LOCALE,
        GROUPS,
        PASSWORD,
        APP,
        DISABLED,
        ROLE;

        static Set<Field> none() {
            return EnumSet.noneOf(Field.class);
        }
    }
}
