package dev.countersign.cli;

import dev.countersign.apikey.ApiKey;
import dev.countersign.apikey.ApiKeys;
import dev.countersign.apikey.Scopes;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code countersign api-key ...}. */
@Command(
        name = "api-key",
        description = "Make, list and revoke API keys.",
        mixinStandardHelpOptions = true,
        subcommands = {ApiKeyCommands.Create.class, ApiKeyCommands.ListAll.class, ApiKeyCommands.Revoke.class})
final class ApiKeyCommands extends HelpByDefault {
    private static final int PAGE = 1_000;

    /** A key as JSON; {@code secret} when it has just been made. */
    record View(
            String id,
            String name,
            String prefix,
            String owner,
            List<String> scopes,
            Instant createdAt,
            Instant expiresAt,
            @Nullable Instant lastUsedAt,
            @Nullable Instant revokedAt) {}

    /** A new key as JSON. */
    record Made(String key, View apiKey) {
        @Override
        public String toString() {
            return "Made(hidden)";
        }
    }

    private static View view(Workbench bench, ApiKey key) {
        return new View(
                key.id().value(),
                key.name(),
                key.prefix(),
                bench.get(Accounts.class)
                        .find(key.owner())
                        .map(Account::username)
                        .orElse(""),
                key.scopes().names(),
                key.createdAt(),
                key.expiresAt(),
                key.lastUse().map(ApiKey.LastUse::at).orElse(null),
                key.revokedAt().orElse(null));
    }

    @Command(
            name = "create",
            description = "Make an API key. It is printed once, on standard output.",
            footer = {
                "",
                "Example: countersign api-key create deploy --owner ada --scopes view-people,reset-factors --days 90"
            })
    static final class Create extends WorkCommand {
        @Parameters(paramLabel = "NAME", description = "What people call it.")
        private String name = "";

        @Option(
                names = "--owner",
                required = true,
                paramLabel = "USERNAME",
                description = "Whose rights the key can have at most, now and later.")
        private String owner = "";

        @Option(
                names = "--scopes",
                required = true,
                split = ",",
                description = "What it may do: names of permissions, and 'operator' for entitlements.")
        private List<String> scopes = List.of();

        @Option(names = "--days", defaultValue = "365", description = "How long it lives (default 365, at most 400).")
        private int days = 365;

        @Override
        Answer work(Workbench bench) {
            Scopes wanted = Scopes.parse(scopes)
                    .orElseThrow(() ->
                            Workbench.refused("--scopes are among: " + String.join(", ", Scopes.allNames()) + "."));
            Instant end = bench.now().plus(Duration.ofDays(Math.clamp(days, 0, 100_000)));
            ApiKeys.Creation creation = bench.get(ApiKeys.class)
                    .create(
                            new ApiKeys.Wish(bench.account(owner), name, wanted, end),
                            new ApiKeys.Giver.CommandLine(),
                            bench.actor(),
                            bench.origin(),
                            bench.now());
            return switch (creation) {
                case ApiKeys.Creation.Created(ApiKey key, var secret) ->
                    new Answer(new Made(secret.reveal(), view(bench, key)), secret.reveal());
                case ApiKeys.Creation.Refused(ApiKeys.Problem problem) -> throw Workbench.refused(explain(problem));
                case ApiKeys.Creation.NotEntitled(var why) -> throw Workbench.refused(EntitlementCommands.explain(why));
            };
        }

        private static String explain(ApiKeys.Problem problem) {
            return switch (problem) {
                case NAME_INVALID -> "The name must have 1 to 100 visible characters.";
                case NO_SCOPES -> "Name at least one scope.";
                case SCOPE_BEYOND_RIGHTS -> "A key can do no more than its owner; give that person another role first.";
                case SCOPE_OF_OPERATOR -> "Only the command line hands out the scope 'operator'.";
                case EXPIRY_INVALID -> "--days must be 1 to " + ApiKeys.LONGEST_LIFE.toDays() + ".";
                case OWNER_DISABLED -> "The owner is disabled.";
                case TOO_MANY -> "There are 1,000 live keys. Revoke some that nobody uses.";
            };
        }
    }

    @Command(name = "list", description = "List API keys.")
    static final class ListAll extends WorkCommand {
        @Override
        Answer work(Workbench bench) {
            List<View> views = all(bench).stream().map(key -> view(bench, key)).toList();
            Instant now = bench.now();
            return new Answer(
                    views,
                    Table.of(
                            List.of("ID", "KEY", "NAME", "OWNER", "SCOPES", "EXPIRES", "LAST USED", "STATUS"),
                            views.stream().map(view -> row(view, now)).toList()));
        }

        private static List<String> row(View view, Instant now) {
            Instant used = view.lastUsedAt();
            return List.of(
                    view.id(),
                    view.prefix() + "...",
                    view.name(),
                    view.owner(),
                    String.join(",", view.scopes()),
                    view.expiresAt().toString(),
                    used == null ? "never" : used.toString(),
                    view.revokedAt() != null ? "revoked" : view.expiresAt().isAfter(now) ? "live" : "expired");
        }
    }

    private static List<ApiKey> all(Workbench bench) {
        List<ApiKey> all = new ArrayList<>();
        List<ApiKey> part = bench.get(ApiKeys.class).list(bench.environmentId(), Optional.empty(), PAGE);
        while (!part.isEmpty()) {
            all.addAll(part);
            part = bench.get(ApiKeys.class)
                    .list(bench.environmentId(), Optional.of(part.getLast().id()), PAGE);
        }
        return all;
    }

    @Command(name = "revoke", description = "Make an API key useless at once.")
    static final class Revoke extends WorkCommand {
        @Parameters(paramLabel = "KEY", description = "Its identifier, or its first characters as 'list' shows them.")
        private String typed = "";

        @Override
        Answer work(Workbench bench) {
            String wanted = typed.replace("...", "");
            List<ApiKey> found = all(bench).stream()
                    .filter(key -> key.id().value().equals(wanted)
                            || key.prefix().equals(wanted)
                            || (wanted.startsWith(ApiKeys.MARK) && wanted.startsWith(key.prefix())))
                    .toList();
            if (found.size() != 1) {
                throw Workbench.notFound(
                        "There is no such API key, or more than one. List them with: countersign api-key list");
            }
            ApiKey key = found.getFirst();
            bench.get(ApiKeys.class)
                    .revoke(bench.environmentId(), key.id(), bench.actor(), bench.origin(), bench.now());
            ApiKey after = bench.get(ApiKeys.class)
                    .find(bench.environmentId(), key.id())
                    .orElse(key);
            return new Answer(view(bench, after), "Revoked " + key.prefix() + "... (" + key.name() + ").");
        }
    }
}
