package dev.countersign.kernel;

/**
 * How a token travels. A token is stored under the channel it was issued for and is nothing in the other: the cookie of a
 * page is no bearer token, and the other way round.
 */
public enum Channel {
    /** In a cookie, to pages. */
    COOKIE,
    /** In the Authorization header, to REST. */
    BEARER
}
