package dev.countersign.directory;

import dev.countersign.kernel.GroupId;
import dev.countersign.kernel.Role;
import java.util.Optional;

/**
 * A named set of accounts. Groups may stand in other groups; who is in one is also in all it stands in.
 *
 * @param members how many accounts belong to it directly, disabled ones not counted
 * @param role what the group gives to everyone in it, beside their own role
 */
public record Group(GroupId id, String name, long members, Optional<Role> role) {}
