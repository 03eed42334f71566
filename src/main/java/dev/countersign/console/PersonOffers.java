package dev.countersign.console;

import dev.countersign.administration.BulkAction;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import dev.countersign.people.Person;
import dev.countersign.people.PersonStatus;
import java.util.Set;
import java.util.TreeSet;

/** Which buttons someone sees on a person's page: those that would do something, and that they may press. */
final class PersonOffers {
    private PersonOffers() {}

    static Set<String> of(Account account, Person person, Rights by, Rights other, boolean own) {
        Set<String> offers = new TreeSet<>();
        for (BulkAction.Kind kind : BulkAction.Kind.values()) {
            boolean allowed =
                    kind.isAllowed(by) && !(kind.isForOthers() && own) && (!kind.isForFewerRights() || by.cover(other));
            if (allowed && isOfUse(kind, account, person)) {
                offers.add(kind.wireName());
            }
        }
        if (by.cover(other)) {
            addSingle(account, by, own, offers);
        }
        return offers;
    }

    private static void addSingle(Account account, Rights by, boolean own, Set<String> offers) {
        if (by.may(Permission.RESET_FACTORS) && !own && !account.isDisabled()) {
            offers.add("replace-phone");
        }
        if (by.may(Permission.RESET_FACTORS)) {
            offers.add("session");
        }
        if (by.may(Permission.EDIT_PEOPLE)) {
            offers.add("edit");
            offers.add("role");
            if (!own) {
                offers.add("password");
                offers.add("delete");
            }
        }
    }

    private static boolean isOfUse(BulkAction.Kind kind, Account account, Person person) {
        return switch (kind) {
            case RESET, END_SESSIONS -> true;
            case REQUIRE -> person.status() == PersonStatus.NOT_COVERED || person.status() == PersonStatus.GRACE;
            case EXEMPT -> !account.isDisabled();
            case END_EXEMPTION -> person.exemptUntil().isPresent();
            case UNLOCK -> person.status() == PersonStatus.LOCKED;
            case REMIND -> false;
            case INVITE -> account.enrolledAt().isEmpty() && !account.isDisabled();
            case INVITE_COMPANION -> person.companionAt().isEmpty() && !account.isDisabled();
            case DISABLE -> !account.isDisabled();
            case ENABLE -> account.isDisabled();
            case ADD_TO_GROUP -> true;
            case REMOVE_FROM_GROUP -> false;
        };
    }
}
