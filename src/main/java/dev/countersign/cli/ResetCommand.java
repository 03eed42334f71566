package dev.countersign.cli;

import dev.countersign.directory.Account;
import dev.countersign.signin.AccountActions;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code countersign reset-2fa NAME}: also the way back in for an only administrator who is locked out. */
@Command(name = "reset-2fa", description = "Remove a person's app, recovery code, sessions and known browsers.")
final class ResetCommand extends WorkCommand {
    @Parameters(paramLabel = "USERNAME")
    private String username = "";

    @Override
    Answer work(Workbench bench) {
        Account account = bench.account(username);
        bench.get(AccountActions.class).resetSecondFactor(account, bench.actor(), bench.origin(), bench.now());
        return new Answer(
                Map.of("username", account.username(), "reset", true),
                "Reset " + account.username() + ". Where a code is required, the next sign-in shows a new QR code.");
    }
}
