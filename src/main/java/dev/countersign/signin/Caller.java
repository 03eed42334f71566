package dev.countersign.signin;

import dev.countersign.kernel.Channel;
import dev.countersign.kernel.Origin;
import dev.countersign.vault.Token;
import java.util.Optional;

/**
 * Who is at the other end of a step, as far as it can be known.
 *
 * @param channel how the tokens of this sign-in and its session travel
 * @param browser the browser's lasting token, if the door has one
 */
public record Caller(Origin origin, Channel channel, Optional<Token> browser) {}
