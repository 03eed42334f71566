package dev.countersign.directory;

import dev.countersign.kernel.GroupId;

/**
 * A named set of accounts.
 *
 * @param members how many accounts belong to it, disabled ones not counted
 */
public record Group(GroupId id, String name, long members) {}
