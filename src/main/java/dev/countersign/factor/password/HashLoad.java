package dev.countersign.factor.password;

/**
 * How much is being hashed.
 *
 * @param running at this moment
 * @param waiting for their turn
 * @param places how many may run at once
 * @param queue how many may wait; whoever comes then is refused at once
 * @param done since the start
 * @param refused since the start, because the queue was full or did not move
 */
public record HashLoad(int running, int waiting, int places, int queue, long done, long refused) {}
