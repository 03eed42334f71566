package dev.countersign.throttle;

/**
 * What is counted together.
 *
 * @param key unique in the installation; holds no name someone typed
 */
public record Bucket(String key, Limit limit) {}
