package dev.countersign.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** An example below the help of each command, where the command brings none itself. */
final class Examples {
    private static final Map<String, List<String>> OF = Map.ofEntries(
            Map.entry("", List.of("demo", "serve --data /var/lib/countersign", "account list")),
            Map.entry("demo", List.of("demo --port 9000")),
            Map.entry("serve", List.of("serve --data /var/lib/countersign --port 8480")),
            Map.entry("doctor", List.of("doctor", "doctor --json")),
            Map.entry(
                    "completion",
                    List.of(
                            "completion bash > /etc/bash_completion.d/countersign",
                            "completion fish > ~/.config/fish/completions/countersign.fish")),
            Map.entry("account", List.of("account create --help", "account list")),
            Map.entry(
                    "account create",
                    List.of(
                            "account create --username ada --email ada@example.org --name \"Ada Berg\" --role administrator")),
            Map.entry("account list", List.of("account list", "account list berg --json")),
            Map.entry("account show", List.of("account show ada")),
            Map.entry("account edit", List.of("account edit ada --name \"Ada Berg-Roth\" --email roth@example.org")),
            Map.entry("account set-email", List.of("account set-email ada ada@example.org")),
            Map.entry("account set-role", List.of("account set-role ada help-desk")),
            Map.entry("account disable", List.of("account disable ada")),
            Map.entry("account enable", List.of("account enable ada")),
            Map.entry("account delete", List.of("account delete ada")),
            Map.entry("account unlock", List.of("account unlock ada")),
            Map.entry("account replace-phone", List.of("account replace-phone ada")),
            Map.entry("account set-password", List.of("account set-password ada --must-change")),
            Map.entry("account exempt", List.of("account exempt ada --days 7 --reason \"waits for a phone\"")),
            Map.entry("account end-exemption", List.of("account end-exemption ada")),
            Map.entry("group", List.of("group create Sales", "group add Sales ada bea")),
            Map.entry("group create", List.of("group create Sales")),
            Map.entry("group list", List.of("group list --json")),
            Map.entry("group add", List.of("group add Sales ada bea")),
            Map.entry("group remove", List.of("group remove Sales bea")),
            Map.entry("group rename", List.of("group rename Sales \"Sales and support\"")),
            Map.entry("group delete", List.of("group delete Sales")),
            Map.entry("group nest", List.of("group nest Sales North")),
            Map.entry("group unnest", List.of("group unnest Sales North")),
            Map.entry("group role", List.of("group role Helpers help-desk", "group role Helpers none")),
            Map.entry("policy", List.of("policy show", "policy set required --everyone")),
            Map.entry("policy show", List.of("policy show")),
            Map.entry("policy exempt", List.of("policy exempt ada --days 7 --reason \"waits for a phone\"")),
            Map.entry("policy end-exemption", List.of("policy end-exemption ada")),
            Map.entry("keys", List.of("keys status", "keys rotate")),
            Map.entry("keys status", List.of("keys status --json")),
            Map.entry("keys add", List.of("keys add")),
            Map.entry("keys rotate", List.of("keys rotate", "keys rotate --nodes-have-the-key")),
            Map.entry("keys retire", List.of("keys retire 2f6b01c4")),
            Map.entry("reset-2fa", List.of("reset-2fa ada")),
            Map.entry("activity", List.of("activity list --limit 20")),
            Map.entry("activity list", List.of("activity list --account ada --json")),
            Map.entry("environment", List.of("environment list")),
            Map.entry("environment create", List.of("environment create acme --host login.acme.example")),
            Map.entry("environment list", List.of("environment list")),
            Map.entry("mail", List.of("mail show", "mail test ada@example.org")),
            Map.entry("mail show", List.of("mail show")),
            Map.entry("mail off", List.of("mail off")),
            Map.entry("mail test", List.of("mail test ada@example.org")),
            Map.entry("mail queue", List.of("mail queue --limit 20")),
            Map.entry("mail retry", List.of("mail retry ID")),
            Map.entry("mail delete", List.of("mail delete ID")),
            Map.entry("api-key", List.of("api-key list")),
            Map.entry("api-key list", List.of("api-key list --json")),
            Map.entry("api-key revoke", List.of("api-key revoke ID")),
            Map.entry("entitlement", List.of("entitlement show")),
            Map.entry("entitlement show", List.of("entitlement show")),
            Map.entry("entitlement install", List.of("entitlement install entitlements.txt")),
            Map.entry("entitlement remove", List.of("entitlement remove")));

    private Examples() {}

    /** Adds them to a command and all below it. */
    static void addTo(CommandLine line) {
        addTo(line, "");
    }

    private static void addTo(CommandLine line, String path) {
        var usage = line.getCommandSpec().usageMessage();
        List<String> examples = OF.getOrDefault(path, List.of());
        if (usage.footer().length == 0 && !examples.isEmpty()) {
            List<String> footer = new ArrayList<>(List.of("", "Examples:"));
            examples.forEach(example -> footer.add("  countersign " + example));
            usage.footer(footer.toArray(String[]::new));
        }
        line.getSubcommands().forEach((name, inner) -> addTo(inner, path.isEmpty() ? name : path + " " + name));
    }
}
