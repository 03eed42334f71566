package dev.countersign.administration;

import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Permission;
import dev.countersign.kernel.Rights;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be done to many people at once. */
public sealed interface BulkAction {
    record Reset() implements BulkAction {}

    /** A second factor is required of these people from now on. */
    record Require() implements BulkAction {}

    record Exempt(String reason, Instant until) implements BulkAction {}

    record EndExemption() implements BulkAction {}

    record Unlock() implements BulkAction {}

    record Remind() implements BulkAction {}

    record Invite() implements BulkAction {}

    /** A mail with a link that pairs a phone. */
    record InviteCompanion() implements BulkAction {}

    record EndSessions() implements BulkAction {}

    record Disable() implements BulkAction {}

    record Enable() implements BulkAction {}

    record AddToGroup(GroupId group) implements BulkAction {}

    record RemoveFromGroup(GroupId group) implements BulkAction {}

    /** The actions by name, and who may do them: whoever has one of the permissions. */
    enum Kind {
        RESET(Reset.class, true, Permission.RESET_FACTORS),
        REQUIRE(Require.class, false, Permission.EDIT_SYSTEM_SETTINGS),
        EXEMPT(Exempt.class, true, Permission.EDIT_SYSTEM_SETTINGS),
        END_EXEMPTION(EndExemption.class, true, Permission.EDIT_SYSTEM_SETTINGS),
        UNLOCK(Unlock.class, true, Permission.RESET_FACTORS),
        REMIND(Remind.class, false, Permission.RESET_FACTORS, Permission.EDIT_PEOPLE, Permission.EDIT_SYSTEM_SETTINGS),
        INVITE(Invite.class, false, Permission.RESET_FACTORS, Permission.EDIT_PEOPLE, Permission.EDIT_SYSTEM_SETTINGS),
        INVITE_COMPANION(
                InviteCompanion.class,
                false,
                Permission.RESET_FACTORS,
                Permission.EDIT_PEOPLE,
                Permission.EDIT_SYSTEM_SETTINGS),
        END_SESSIONS(EndSessions.class, true, Permission.RESET_FACTORS),
        DISABLE(Disable.class, true, Permission.EDIT_PEOPLE),
        ENABLE(Enable.class, true, Permission.EDIT_PEOPLE),
        ADD_TO_GROUP(AddToGroup.class, true, Permission.EDIT_PEOPLE),
        REMOVE_FROM_GROUP(RemoveFromGroup.class, true, Permission.EDIT_PEOPLE);

        private final Class<? extends BulkAction> type;
        private final boolean takesRights;

        @SuppressWarnings("ImmutableEnumChecker") // List.of makes an immutable list, which the type cannot say
        private final List<Permission> needs;

        Kind(Class<? extends BulkAction> type, boolean takesRights, Permission... needs) {
            this.type = type;
            this.takesRights = takesRights;
            this.needs = List.of(needs);
        }

        Class<? extends BulkAction> type() {
            return type;
        }

        /** Whether it is refused for someone with more rights. A mail, or asking for a second factor, takes nothing. */
        public boolean isForFewerRights() {
            return takesRights;
        }

        /** Whether it is refused for oneself: My account is the place for that. */
        public boolean isForOthers() {
            return switch (this) {
                case RESET, EXEMPT, END_SESSIONS, DISABLE -> true;
                case REQUIRE,
                        END_EXEMPTION,
                        UNLOCK,
                        REMIND,
                        INVITE,
                        INVITE_COMPANION,
                        ENABLE,
                        ADD_TO_GROUP,
                        REMOVE_FROM_GROUP -> false;
            };
        }

        /** Whether all it does is to send a mail. */
        public boolean isLetter() {
            return this == REMIND || this == INVITE || this == INVITE_COMPANION;
        }

        /** Whether it could take the last administrator from an environment. */
        boolean canLockOut() {
            return this == DISABLE || this == REMOVE_FROM_GROUP;
        }

        public boolean isAllowed(Rights rights) {
            return needs.stream().anyMatch(rights::may);
        }

        /** The name in addresses, REST and message keys: {@code end-sessions}. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public static Optional<Kind> ofWireName(String name) {
            for (Kind kind : values()) {
                if (kind.wireName().equals(name)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    default Kind kind() {
        return switch (this) {
            case Reset _ -> Kind.RESET;
            case Require _ -> Kind.REQUIRE;
            case Exempt _ -> Kind.EXEMPT;
            case EndExemption _ -> Kind.END_EXEMPTION;
            case Unlock _ -> Kind.UNLOCK;
            case Remind _ -> Kind.REMIND;
            case Invite _ -> Kind.INVITE;
            case InviteCompanion _ -> Kind.INVITE_COMPANION;
            case EndSessions _ -> Kind.END_SESSIONS;
            case Disable _ -> Kind.DISABLE;
            case Enable _ -> Kind.ENABLE;
            case AddToGroup _ -> Kind.ADD_TO_GROUP;
            case RemoveFromGroup _ -> Kind.REMOVE_FROM_GROUP;
        };
    }
}
