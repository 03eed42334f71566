package dev.countersign.cli.phone;

import dev.countersign.cli.HelpByDefault;
import dev.countersign.cli.Table;
import dev.countersign.kernel.StartFailure;
import dev.countersign.vault.SigningKey;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code countersign phone ...}. */
@Command(
        name = "phone",
        description = "Approve sign-ins from a terminal: a phone for those who have none.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PhoneCommands.Pair.class,
            PhoneCommands.Pending.class,
            PhoneCommands.Approve.class,
            PhoneCommands.Refuse.class
        },
        footer = {
            "",
            "Examples:",
            "  countersign phone pair https://login.example.org/companion/#pair=...",
            "  countersign phone pending",
            "  countersign phone approve 42"
        })
public final class PhoneCommands extends HelpByDefault {

    @Command(
            name = "pair",
            description = "Offer this terminal as a phone, and show the four words to compare in the browser.",
            footer = {
                "",
                "Examples:",
                "  countersign phone pair https://login.example.org/companion/#pair=...",
                "  countersign phone pair ABCDE-FGHJK --server https://login.example.org --name \"Build server\""
            })
    static final class Pair extends PhoneCommand {
        @Parameters(
                paramLabel = "ADDRESS|CODE",
                description = "The address the picture holds, or the ten characters beside it.")
        private String offered = "";

        @Option(names = "--server", paramLabel = "ADDRESS", description = "With a code: the address of the server.")
        private @Nullable String server;

        @Option(
                names = "--name",
                paramLabel = "TEXT",
                defaultValue = "Terminal",
                description = "What it is called in My account.")
        private String name = "Terminal";

        @Override
        Answer work(Path path, Clock clock) {
            if (Files.exists(path)) {
                throw refused("There is a phone in " + path + " already. Name another file with --file, or remove it.");
            }
            int mark = offered.indexOf("#pair=");
            String origin = origin(mark < 0 ? server : offered.substring(0, mark));
            SigningKey key = SigningKey.create();
            PhoneClient client = new PhoneClient(origin, key, clock);
            Map<String, Object> claim = new LinkedHashMap<>();
            claim.put(mark < 0 ? "code" : "pairing", mark < 0 ? offered : offered.substring(mark + "#pair=".length()));
            claim.put("key", client.jwk());
            claim.put("name", name);
            PhoneClient.Reply claimed = client.post("/pairings/claim", claim).orFail();
            String pairing = claimed.text("pairing");
            List<String> words = client.words(pairing, claimed.text("language"));
            PhoneFile.Contents contents = PhoneFile.beginning(origin, key, pairing);
            new PhoneFile(path, contents).write(contents);
            return new Answer(
                    Map.of("pairing", pairing, "words", words, "file", path.toString()),
                    "The words: " + Table.printable(String.join(" ", words)) + System.lineSeparator()
                            + "Are they the same in the browser? Confirm there, then: countersign phone pending");
        }
    }

    /** Scheme, host and port; plain HTTP only to this machine. */
    private static String origin(@Nullable String address) {
        if (address == null) {
            throw refused("A code needs --server ADDRESS.");
        }
        try {
            URI uri = URI.create(address);
            boolean here = List.of("localhost", "127.0.0.1", "[::1]").contains(uri.getHost());
            if ("https".equals(uri.getScheme()) || ("http".equals(uri.getScheme()) && here)) {
                return uri.getScheme() + "://" + uri.getRawAuthority();
            }
        } catch (IllegalArgumentException e) {
            throw refused("'" + address + "' is no address.");
        }
        throw refused("'" + address + "' is not an https address.");
    }

    @Command(
            name = "pending",
            description = "Finish the pairing that was confirmed, and list the sign-ins that wait.",
            footer = {"", "Example:", "  countersign phone pending --json"})
    static final class Pending extends PhoneCommand {
        @Override
        Answer work(Path path, Clock clock) {
            Paired phone = Paired.open(path, clock);
            List<JsonNode> requests = phone.requests();
            List<List<String>> rows = requests.stream()
                    .map(request -> List.of(
                            text(request, "application"),
                            text(request, "browser") + ", " + text(request, "system"),
                            text(request, "address"),
                            (text(request, "network") + " " + text(request, "place")).strip(),
                            text(request, "confirmation"),
                            Instant.ofEpochSecond(request.path("expiresAt").asLong())
                                    .toString(),
                            text(request, "id")))
                    .toList();
            return new Answer(
                    Map.of("requests", requests),
                    rows.isEmpty()
                            ? "Nothing to approve."
                            : Table.of(
                                    List.of(
                                            "APPLICATION",
                                            "BROWSER",
                                            "ADDRESS",
                                            "NETWORK",
                                            "CONFIRMATION",
                                            "UNTIL",
                                            "REQUEST"),
                                    rows));
        }
    }

    @Command(
            name = "approve",
            description = "Let the sign-in that waits go on: type what its browser shows.",
            footer = {"", "Examples:", "  countersign phone approve 42", "  countersign phone approve 42 --request ID"})
    static final class Approve extends PhoneCommand {
        @Parameters(
                arity = "0..1",
                paramLabel = "DIGITS",
                description = "The digits the browser shows; none when it shows none.")
        private Optional<String> digits = Optional.empty();

        @Option(names = "--request", paramLabel = "ID", description = "Which, when several wait.")
        private Optional<String> request = Optional.empty();

        @Override
        Answer work(Path path, Clock clock) {
            Paired phone = Paired.open(path, clock);
            JsonNode chosen = phone.choose(request);
            boolean tap = text(chosen, "confirmation").equals("tap");
            if (!tap && digits.isEmpty()) {
                throw refused("Type the digits the browser shows: countersign phone approve DIGITS");
            }
            return phone.decide(chosen, "approve", tap ? Optional.empty() : digits);
        }
    }

    @Command(
            name = "refuse",
            description = "End the sign-in that waits.",
            footer = {"", "Examples:", "  countersign phone refuse", "  countersign phone refuse --not-me"})
    static final class Refuse extends PhoneCommand {
        @Option(
                names = "--not-me",
                description =
                        "Somebody else knows the password: everything ends, and it is blocked until it is changed.")
        private boolean notMe;

        @Option(names = "--request", paramLabel = "ID", description = "Which, when several wait.")
        private Optional<String> request = Optional.empty();

        @Override
        Answer work(Path path, Clock clock) {
            Paired phone = Paired.open(path, clock);
            return phone.decide(phone.choose(request), notMe ? "report" : "refuse", Optional.empty());
        }
    }

    /** A phone whose pairing was confirmed. */
    private record Paired(PhoneFile file, PhoneClient client) {
        /** Reads the file, and asks what became of the pairing when that is still open: section 2, point 5. */
        static Paired open(Path path, Clock clock) {
            PhoneFile file = PhoneFile.read(path);
            PhoneFile.Contents contents = file.contents();
            PhoneClient client = new PhoneClient(contents.server(), file.key(), clock);
            if (contents.id() != null) {
                return new Paired(file, client);
            }
            PhoneClient.Reply reply =
                    client.get("/pairings/" + contents.pairing()).orFail();
            return switch (reply.text("state")) {
                case "confirmed" -> {
                    PhoneFile.Contents paired = new PhoneFile.Contents(
                            reply.text("origin"),
                            contents.signing(),
                            contents.pairing(),
                            reply.json().path("phone").path("id").asString(""),
                            reply.json().path("account").path("id").asString(""));
                    yield new Paired(file.write(paired), client);
                }
                case "claimed" ->
                    throw refused("Not confirmed yet. Compare the words in the browser, and confirm there.");
                default -> {
                    file.delete();
                    throw refused("The pairing was refused or is over. Pair again.");
                }
            };
        }

        List<JsonNode> requests() {
            return client.get("/requests")
                    .orFail()
                    .json()
                    .path("requests")
                    .valueStream()
                    .toList();
        }

        JsonNode choose(Optional<String> id) {
            List<JsonNode> found = requests().stream()
                    .filter(request -> id.filter(wanted -> !wanted.equals(text(request, "id")))
                            .isEmpty())
                    .toList();
            if (found.isEmpty()) {
                throw new StartFailure(StartFailure.Kind.NOT_FOUND, "Nothing of that kind waits.");
            }
            if (found.size() > 1) {
                throw refused("Several sign-ins wait. Name one with --request; countersign phone pending lists them.");
            }
            return found.getFirst();
        }

        PhoneCommand.Answer decide(JsonNode request, String choice, Optional<String> answer) {
            String decision = client.decision(file.contents(), request, choice, answer);
            PhoneClient.Reply reply =
                    client.post("/requests/" + text(request, "id") + "/decision", Map.of("decision", decision));
            if (reply.problem().equals("wrong-number")) {
                throw refused("The digits were wrong. Further attempts: "
                        + reply.json().path("left").asInt());
            }
            String state = reply.orFail().text("state");
            return new PhoneCommand.Answer(
                    Map.of("request", text(request, "id"), "state", state),
                    switch (state) {
                        case "approved" -> "Approved. The browser goes on.";
                        case "reported" ->
                            "Reported. Everything has ended, and the password is blocked: choose a new one by mail, or ask your administrator.";
                        default -> "Refused. The sign-in has ended.";
                    });
        }
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asString("");
    }

    private static StartFailure refused(String message) {
        return new StartFailure(StartFailure.Kind.REFUSED, message);
    }
}
