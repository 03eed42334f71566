package dev.countersign.threats;

import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.kernel.Origin;
import dev.countersign.support.TestServer;
import java.time.Duration;
import java.util.List;

/** API keys for tests. */
final class Keys {
    private Keys() {}

    /** A key and the text a program sends. */
    record Key(ApiKey key, String secret) {
        String bearer() {
            return "Bearer " + secret;
        }
    }

    static Key of(TestServer server, Account owner, String... scopes) {
        ApiKeys.Creation creation = server.get(ApiKeys.class)
                .create(
                        new ApiKeys.Wish(
                                owner,
                                "program",
                                Scopes.parse(List.of(scopes)).orElseThrow(),
                                server.clock().instant().plus(Duration.ofDays(30))),
                        new ApiKeys.Giver.CommandLine(),
                        Threats.ACTOR,
                        Origin.SYSTEM,
                        server.clock().instant());
        ApiKeys.Creation.Created created = (ApiKeys.Creation.Created) creation;
        return new Key(created.key(), created.secret().reveal());
    }
}
