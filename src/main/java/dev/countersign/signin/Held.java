package dev.countersign.signin;

import dev.countersign.vault.Token;
import java.util.Optional;

/**
 * A sign-in in the hands of whoever presented its token.
 *
 * @param material what is to be shown or confirmed while registering a factor
 */
public record Held(SignIn state, long version, Token token, Optional<Material> material) {}
