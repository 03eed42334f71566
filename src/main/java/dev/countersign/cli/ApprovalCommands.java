package dev.countersign.cli;

import dev.countersign.administration.PeopleAdministration;
import dev.countersign.administration.SecurityAdministration;
import dev.countersign.directory.Account;
import dev.countersign.directory.Groups;
import dev.countersign.factor.companion.Confirmation;
import dev.countersign.factor.companion.Phone;
import dev.countersign.factor.companion.Phones;
import dev.countersign.kernel.GroupId;
import dev.countersign.policy.ApprovalRule;
import dev.countersign.policy.ApprovalRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Phones that approve, and when they are asked. */
final class ApprovalCommands {
    private ApprovalCommands() {}

    /** A phone as JSON. */
    record PhoneView(
            String id,
            String name,
            Instant pairedAt,
            Instant lastSeenAt,
            boolean notified,
            @Nullable Instant ringFailedAt) {
        static PhoneView of(Phone phone) {
            return new PhoneView(
                    phone.id().value(),
                    phone.name(),
                    phone.pairedAt(),
                    phone.lastSeenAt(),
                    phone.notified(),
                    phone.ringFailedAt().orElse(null));
        }
    }

    @Command(
            name = "phones",
            description = "List the phones a person approves with.",
            footer = {"", "Example:", "  countersign account phones ada --json"})
    static final class ListPhones extends WorkCommand {
        @Parameters(paramLabel = "USERNAME")
        private String username = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            List<PhoneView> phones = bench.get(Phones.class).of(account.id()).stream()
                    .map(PhoneView::of)
                    .toList();
            return new Answer(
                    phones,
                    phones.isEmpty()
                            ? account.username() + " has no phone that approves."
                            : Table.of(
                                    List.of("NAME", "ADDED", "LAST SEEN", "NOTIFIED", "ID"),
                                    phones.stream().map(ListPhones::row).toList()));
        }

        private static List<String> row(PhoneView phone) {
            return List.of(
                    phone.name(),
                    phone.pairedAt().toString(),
                    phone.lastSeenAt().toString(),
                    phone.ringFailedAt() != null ? "failing" : phone.notified() ? "yes" : "no",
                    phone.id());
        }
    }

    @Command(
            name = "remove-phone",
            description = "Remove a phone: it approves nothing more.",
            footer = {
                "",
                "Examples:",
                "  countersign account remove-phone ada \"Pixel 9\"",
                "  countersign account remove-phone ada ID"
            })
    static final class RemovePhone extends WorkCommand {
        @Parameters(index = "0", paramLabel = "USERNAME")
        private String username = "";

        @Parameters(index = "1", paramLabel = "PHONE", description = "Its name, or its id when several have that name.")
        private String phone = "";

        @Override
        Answer work(Workbench bench) {
            Account account = bench.account(username);
            Phone chosen = chosen(bench.get(Phones.class).of(account.id()));
            bench.require(bench.get(PeopleAdministration.class)
                    .removePhone(bench.operator(), account.id(), chosen.id(), bench.now()));
            return new Answer(
                    PhoneView.of(chosen), "Removed " + Table.printable(chosen.name()) + " of " + username + ".");
        }

        private Phone chosen(List<Phone> phones) {
            List<Phone> found = phones.stream()
                    .filter(one -> one.id().value().equals(phone) || one.name().equalsIgnoreCase(phone))
                    .toList();
            if (found.isEmpty()) {
                throw Workbench.notFound("'" + username + "' has no phone '" + phone
                        + "'. List them with: countersign account phones " + username);
            }
            if (found.size() > 1) {
                throw Workbench.refused("Several phones are called '" + phone
                        + "'. Name one by its id: countersign account phones " + username);
            }
            return found.getFirst();
        }
    }

    /** A rule of approval as JSON; share and time belong to drawn days. */
    record RuleView(
            String mode, @Nullable Integer share, @Nullable Long longestHours) {
        static RuleView of(ApprovalRule rule) {
            boolean drawn = rule.mode() == ApprovalRule.Mode.RANDOM;
            return new RuleView(
                    rule.mode().name().toLowerCase(Locale.ROOT),
                    drawn ? rule.share() : null,
                    drawn ? rule.longest().toHours() : null);
        }
    }

    /** All rules of approval as JSON. */
    record RulesView(RuleView everyone, Map<String, RuleView> groups, String confirmation, long version, String text) {}

    @Command(
            name = "approval",
            description = "Show when phones are asked beyond the rules, or change it.",
            footer = {
                "",
                "Examples:",
                "  countersign policy approval --json",
                "  countersign policy approval --mode always",
                "  countersign policy approval --mode random --share 20 --longest-hours 168",
                "  countersign policy approval --group Sales --mode off",
                "  countersign policy approval --group Sales --mode inherit",
                "  countersign policy approval --confirm number"
            })
    static final class Approval extends WorkCommand {
        private static final String INHERIT = "inherit";

        @Option(
                names = "--mode",
                paramLabel = "off|random|always|inherit",
                description = "When a phone is asked; 'inherit' takes back what holds for a group.")
        private Optional<String> mode = Optional.empty();

        @Option(names = "--group", description = "For the members of this group; else for everyone.")
        private Optional<String> group = Optional.empty();

        @Option(names = "--share", paramLabel = "N", description = "With random: on so many of 100 days.")
        private Optional<Integer> share = Optional.empty();

        @Option(
                names = "--longest-hours",
                paramLabel = "N",
                description = "With random: after so many hours without an approval one is asked in any case.")
        private Optional<Long> longestHours = Optional.empty();

        @Option(
                names = "--confirm",
                paramLabel = "number|code|tap",
                description = "What is done on the phone; tap is weaker.")
        private Optional<String> confirm = Optional.empty();

        @Override
        Answer work(Workbench bench) {
            ApprovalRules.All before = bench.get(ApprovalRules.class).of(bench.environmentId());
            if (mode.isPresent() || confirm.isPresent()) {
                ApprovalRules.All then = changed(bench, before);
                bench.require(
                        bench.get(SecurityAdministration.class).changeApproval(bench.operator(), then, bench.now()));
            } else if (group.isPresent() || share.isPresent() || longestHours.isPresent()) {
                throw Workbench.refused("--group, --share and --longest-hours go with --mode.");
            }
            return shown(bench);
        }

        private ApprovalRules.All changed(Workbench bench, ApprovalRules.All before) {
            String confirmation = confirm.map(Approval::confirmation).orElse(before.confirmation());
            if (mode.isEmpty()) {
                return new ApprovalRules.All(before.everyone(), before.groups(), confirmation, before.version());
            }
            if (group.isEmpty()) {
                return new ApprovalRules.All(rule(before.everyone()), before.groups(), confirmation, before.version());
            }
            GroupId id = bench.group(group.get()).id();
            Map<GroupId, ApprovalRule> groups = new HashMap<>(before.groups());
            if (mode.get().equalsIgnoreCase(INHERIT)) {
                groups.remove(id);
            } else {
                groups.put(id, rule(groups.getOrDefault(id, ApprovalRule.INITIAL)));
            }
            return new ApprovalRules.All(before.everyone(), groups, confirmation, before.version());
        }

        private ApprovalRule rule(ApprovalRule before) {
            ApprovalRule.Mode chosen = Stream.of(ApprovalRule.Mode.values())
                    .filter(candidate -> candidate.name().equalsIgnoreCase(mode.orElse("")))
                    .findFirst()
                    .orElseThrow(() -> Workbench.refused("--mode is off, random or always; for a group also inherit."));
            if (chosen != ApprovalRule.Mode.RANDOM && (share.isPresent() || longestHours.isPresent())) {
                throw Workbench.refused("--share and --longest-hours go with --mode random.");
            }
            long hours = longestHours.orElse(before.longest().toHours());
            int days = share.orElse(before.share());
            if (days < 1 || days > 100 || hours < 1 || hours > ApprovalRule.LONGEST.toHours()) {
                throw Workbench.refused(Texts.of("problem.approval-rule"));
            }
            return new ApprovalRule(chosen, days, Duration.ofHours(hours));
        }

        private static String confirmation(String typed) {
            return Stream.of(Confirmation.values())
                    .filter(one -> one.wireName().equalsIgnoreCase(typed))
                    .map(Confirmation::name)
                    .findFirst()
                    .orElseThrow(() -> Workbench.refused("--confirm is number, code or tap."));
        }

        private static Answer shown(Workbench bench) {
            ApprovalRules.All rules = bench.get(ApprovalRules.class).of(bench.environmentId());
            Map<String, RuleView> groups = new java.util.TreeMap<>();
            List<List<String>> rows = new ArrayList<>();
            rows.add(row("everyone", rules.everyone()));
            for (Groups.Name name : bench.get(Groups.class).names(bench.environmentId())) {
                Optional.ofNullable(rules.groups().get(name.id())).ifPresent(rule -> {
                    groups.put(name.name(), RuleView.of(rule));
                    rows.add(row(name.name(), rule));
                });
            }
            String confirmation = rules.confirmation().toLowerCase(Locale.ROOT);
            return new Answer(
                    new RulesView(
                            RuleView.of(rules.everyone()),
                            groups,
                            confirmation,
                            rules.version(),
                            bench.get(ApprovalRules.class).describe(bench.environmentId(), rules)),
                    Table.of(List.of("WHO", "ASKED", "SHARE", "LONGEST"), rows)
                            + System.lineSeparator()
                            + "On the phone: " + confirmation + ".");
        }

        private static List<String> row(String who, ApprovalRule rule) {
            boolean drawn = rule.mode() == ApprovalRule.Mode.RANDOM;
            return List.of(
                    who,
                    rule.mode().name().toLowerCase(Locale.ROOT),
                    drawn ? rule.share() + " of 100 days" : "",
                    drawn ? rule.longest().toHours() + " h" : "");
        }
    }
}
