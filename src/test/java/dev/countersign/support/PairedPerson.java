package dev.countersign.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.activity.Actor;
import dev.countersign.directory.Account;
import dev.countersign.factor.companion.Pairing;
import dev.countersign.factor.companion.Pairings;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.PairingId;
import dev.countersign.store.Database;

/**
 * Someone with an app, a recovery code and a paired phone.
 *
 * @param enrolled the person with their app
 */
public record PairedPerson(TestServer.Enrolled enrolled, FakePhone phone) {
    private static final Actor ACTOR = new Actor(java.util.Optional.empty(), "test");

    public static PairedPerson of(TestServer server, String name) {
        return of(server, server.enrolled(name));
    }

    public static PairedPerson of(TestServer server, TestServer.Enrolled enrolled) {
        return new PairedPerson(enrolled, pair(server, enrolled.account(), "Pixel"));
    }

    public Account account() {
        return enrolled.account();
    }

    /** One more phone of an account, paired without the pages of the browser. */
    public static FakePhone pair(TestServer server, Account account, String name) {
        FakePhone phone = new FakePhone(server.url(), server.clock());
        Pairing pairing = begin(server, account).pairing();
        assertThat(phone.claim(pairing.id().value(), name).status()).isEqualTo(200);
        assertThat(confirm(server, account, pairing.id())).isTrue();
        assertThat(phone.look(pairing.id().value()).status()).isEqualTo(200);
        assertThat(phone.requests().status()).isEqualTo(200);
        return phone;
    }

    /** A pairing that waits for a phone. */
    public static Pairings.Begun begin(TestServer server, Account account) {
        return server.get(Database.class)
                .write(() -> server.get(Pairings.class)
                        .begin(
                                account,
                                TestInstallation.fresh("from"),
                                server.url(),
                                server.clock().instant()));
    }

    /** The owner says the words are the same; whether a phone came of it. */
    public static boolean confirm(TestServer server, Account account, PairingId id) {
        return server.get(Database.class)
                .write(() -> server.get(Pairings.class)
                        .confirm(
                                account,
                                server.get(Pairings.class)
                                        .find(account.environment(), id)
                                        .orElseThrow(),
                                ACTOR,
                                Origin.SYSTEM,
                                server.clock().instant())
                        .isPresent());
    }
}
