package dev.countersign.mail;

import dev.countersign.directory.Environment;
import dev.countersign.phrases.RuleWords;
import dev.countersign.vault.SecretText;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.context.MessageSource;
import org.springframework.stereotype.Component;
import org.thymeleaf.context.Context;
import org.thymeleaf.spring6.SpringTemplateEngine;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.ClassLoaderTemplateResolver;

/** Writes mails in the reader's language, as plain text and as a page without anything from elsewhere. Thread-safe. */
@Component
final class Letters {
    /** Between the two halves of a detail, as {@link Announcements} writes it. */
    static final String ARROW = " → ";

    private final MessageSource messages;
    private final PublicAddress publicAddress;
    private final RuleWords rules;
    private final SpringTemplateEngine pages;

    Letters(MessageSource messages, PublicAddress publicAddress, RuleWords rules) {
        this.messages = messages;
        this.publicAddress = publicAddress;
        this.rules = rules;
        this.pages = pages(messages);
    }

    private static SpringTemplateEngine pages(MessageSource messages) {
        ClassLoaderTemplateResolver resolver = new ClassLoaderTemplateResolver();
        resolver.setPrefix("templates/mail/");
        resolver.setSuffix(".html");
        resolver.setTemplateMode(TemplateMode.HTML);
        resolver.setCharacterEncoding("UTF-8");
        SpringTemplateEngine engine = new SpringTemplateEngine();
        engine.setTemplateResolver(resolver);
        engine.setTemplateEngineMessageSource(messages);
        return engine;
    }

    /** A line of "what: how". */
    record Fact(String name, String value) {}

    /** The one thing to do. */
    record Button(String name, String address) {}

    /** What a mail says, before it is laid out. */
    private record Draft(
            String subject,
            List<String> paragraphs,
            List<Fact> facts,
            Optional<Button> button,
            List<String> afterwards) {
        Draft(String subject, String paragraph, Button button) {
            this(subject, List.of(paragraph), List.of(), Optional.of(button), List.of());
        }

        Draft ending(String paragraph) {
            List<String> all =
                    Stream.concat(afterwards.stream(), Stream.of(paragraph)).toList();
            return new Draft(subject, paragraphs, facts, button, all);
        }
    }

    /** Writes one mail to the person of this name. */
    Letter write(Mail mail, Environment environment, String name, String localeTag) {
        Words words = new Words(Locale.forLanguageTag(localeTag), environment);
        Draft draft = draft(mail, words);
        Context context = new Context(words.locale);
        context.setVariable("subject", draft.subject());
        context.setVariable("place", environment.displayName());
        context.setVariable("name", name);
        context.setVariable("paragraphs", draft.paragraphs());
        context.setVariable("facts", draft.facts());
        context.setVariable("button", draft.button().orElse(null));
        context.setVariable("afterwards", draft.afterwards());
        return new Letter(draft.subject(), text(draft, name, words), pages.process("letter", context));
    }

    private static String text(Draft draft, String name, Words words) {
        List<String> blocks = new ArrayList<>();
        blocks.add(words.of("mails.greeting", name));
        blocks.addAll(draft.paragraphs());
        if (!draft.facts().isEmpty()) {
            blocks.add(String.join(
                    "\n",
                    draft.facts().stream()
                            .map(fact -> fact.name() + ": " + fact.value())
                            .toList()));
        }
        draft.button().ifPresent(button -> blocks.add(button.name() + ":\n" + button.address()));
        blocks.addAll(draft.afterwards());
        blocks.add("-- \n" + words.of("mails.footer", words.environment.displayName()));
        return String.join("\n\n", blocks) + "\n";
    }

    private Draft draft(Mail mail, Words words) {
        return switch (mail) {
            case Mail.TestMail test -> test(test, words);
            case Mail.ConfirmAddress(SecretText link) ->
                new Draft(
                        words.of("mails.confirm.subject"),
                        words.of("mails.confirm.text"),
                        new Button(words.of("mails.confirm.button"), link.reveal()));
            case Mail.Invitation() ->
                new Draft(words.of("mails.invitation.subject"), words.of("mails.invitation.text"), setUp(words));
            case Mail.CompanionInvitation(SecretText link) ->
                new Draft(
                        words.of("mails.companion.subject"),
                        List.of(words.of("mails.companion.text"), words.of("mails.companion.how")),
                        List.of(),
                        Optional.of(new Button(words.of("mails.companion.button"), link.reveal())),
                        List.of(words.of("mails.companion.limits")));
            case Mail.Reminder() ->
                new Draft(words.of("mails.reminder.subject"), words.of("mails.reminder.text"), setUp(words));
            case Mail.RequirementStarts(Instant from) ->
                new Draft(
                        words.of("mails.requirement.subject", words.day(from)),
                        words.of("mails.requirement.text", words.day(from)),
                        setUp(words));
            case Mail.FactorChanged changed ->
                changed(words.of(subject(changed.change())), changed.how(), changed.link(), words);
            case Mail.PasswordChanged changed -> passwordChanged(changed, words);
            case Mail.SignInReported(Mail.Circumstances how) -> reported(how, words);
            case Mail.ForgottenPassword forgotten -> forgotten(forgotten, words);
            case Mail.AdministratorAlert alert -> alert(alert, words);
        };
    }

    private static Draft test(Mail.TestMail test, Words words) {
        return new Draft(
                words.of("mails.test.subject", words.environment.displayName()),
                List.of(words.of("mails.test.text", test.askedBy())),
                List.of(),
                Optional.empty(),
                List.of());
    }

    private Button setUp(Words words) {
        return new Button(words.of("mails.set-up"), publicAddress.of(words.environment) + "/account");
    }

    private static String subject(Mail.Change change) {
        return switch (change) {
            case APP_SET_UP -> "mails.factor.app-set-up";
            case APP_REPLACED -> "mails.factor.app-replaced";
            case APP_REMOVED -> "mails.factor.app-removed";
            case PHONE_ADDED -> "mails.factor.phone-added";
            case PHONE_REMOVED -> "mails.factor.phone-removed";
            case RESET -> "mails.factor.reset";
            case RECOVERY_CODE_NEW -> "mails.factor.recovery-code-new";
            case RECOVERY_CODE_USED -> "mails.factor.recovery-code-used";
        };
    }

    private static Draft passwordChanged(Mail.PasswordChanged changed, Words words) {
        Draft draft = changed(words.of("mails.password-changed"), changed.how(), changed.link(), words);
        return changed.keys().isEmpty()
                ? draft
                : draft.ending(words.of("mails.password-changed.keys", String.join(", ", changed.keys())));
    }

    private static Draft changed(String what, Mail.Circumstances how, SecretText link, Words words) {
        return new Draft(
                what,
                List.of(what + ".", words.of("mails.was-it-you")),
                words.facts(how),
                Optional.of(new Button(words.of("mails.not-me"), link.reveal())),
                List.of(words.of("mails.not-me-effect")));
    }

    private static Draft reported(Mail.Circumstances how, Words words) {
        return new Draft(
                words.of("mails.reported.subject"),
                List.of(words.of("mails.reported.text"), words.of("mails.reported.next")),
                words.facts(how),
                Optional.empty(),
                List.of(words.of("mails.reported.other-places")));
    }

    private static Draft forgotten(Mail.ForgottenPassword forgotten, Words words) {
        return new Draft(
                words.of("mails.forgotten.subject"),
                List.of(words.of("mails.forgotten.text")),
                words.facts(forgotten.how()),
                Optional.of(new Button(
                        words.of("mails.forgotten.button"), forgotten.link().reveal())),
                List.of(words.of("mails.forgotten.limits"), words.of("mails.forgotten.not-you")));
    }

    private Draft alert(Mail.AdministratorAlert alert, Words words) {
        String what = switch (alert.alert()) {
            case POLICY_CHANGED -> words.of("mails.alert.policy-changed");
            case APPROVAL_CHANGED -> words.of("mails.alert.approval-changed");
            case SIGN_IN_REPORTED -> words.of("mails.alert.sign-in-reported", alert.person());
            case RESET_ON_THE_SERVER -> words.of("mails.alert.reset-on-the-server", alert.person());
            case UNLOCKED_ON_THE_SERVER -> words.of("mails.alert.unlocked-on-the-server", alert.person());
            case PASSWORD_SET_ON_THE_SERVER -> words.of("mails.alert.password-set-on-the-server", alert.person());
            case ADMINISTRATOR_MADE_ON_THE_SERVER ->
                words.of("mails.alert.administrator-made-on-the-server", alert.person());
            case ADMINISTRATOR_GROUP_ON_THE_SERVER ->
                words.of("mails.alert.administrator-group-on-the-server", alert.person());
            case ADMINISTRATOR_EXEMPT -> words.of("mails.alert.administrator-exempt", alert.person());
            case NOT_ME -> words.of("mails.alert.not-me", alert.person());
        };
        List<Fact> facts = new ArrayList<>(detail(alert, words));
        if (!alert.by().isEmpty()) {
            facts.add(new Fact(words.of("mails.by"), alert.by()));
        }
        facts.addAll(words.facts(alert.how()));
        return new Draft(
                what,
                List.of(what + ".", words.of("mails.alert.why")),
                facts,
                Optional.of(
                        new Button(words.of("mails.alert.button"), publicAddress.of(words.environment) + "/console")),
                List.of());
    }

    /** What is written down for programs (rules in the words of the log, moments of ISO 8601), in the reader's words. */
    private List<Fact> detail(Mail.AdministratorAlert alert, Words words) {
        String detail = alert.detail();
        int arrow = detail.lastIndexOf(ARROW);
        if (detail.isEmpty() || arrow < 0) {
            return detail.isEmpty() ? List.of() : List.of(new Fact(words.of("mails.detail"), detail));
        }
        String first = detail.substring(0, arrow);
        String second = detail.substring(arrow + ARROW.length());
        return switch (alert.alert()) {
            case POLICY_CHANGED, APPROVAL_CHANGED ->
                List.of(
                        new Fact(words.of("mails.before"), rules.of(first, words.locale)),
                        new Fact(words.of("mails.now"), rules.of(second, words.locale)));
            case ADMINISTRATOR_EXEMPT ->
                List.of(
                        new Fact(words.of("mails.detail"), first),
                        new Fact(words.of("mails.until"), until(second, words)));
            default -> List.of(new Fact(words.of("mails.detail"), detail));
        };
    }

    private static String until(String written, Words words) {
        try {
            return words.moment(Instant.parse(written));
        } catch (DateTimeParseException e) {
            return written;
        }
    }

    /** The texts of one language. */
    private final class Words {
        private final Locale locale;
        private final Environment environment;

        Words(Locale locale, Environment environment) {
            this.locale = locale;
            this.environment = environment;
        }

        String of(String key, Object... arguments) {
            return messages.getMessage(key, arguments, locale);
        }

        String day(Instant at) {
            return DateTimeFormatter.ofPattern("d MMMM yyyy", locale).format(at.atZone(ZoneOffset.UTC));
        }

        private String moment(Instant at) {
            return DateTimeFormatter.ofPattern(of("format.moment"), locale).format(at.atZone(ZoneOffset.UTC));
        }

        List<Fact> facts(Mail.Circumstances how) {
            List<Fact> facts = new ArrayList<>();
            facts.add(new Fact(of("mails.when"), moment(how.at())));
            if (!how.address().equals("local")) {
                facts.add(new Fact(of("mails.where"), how.address()));
            }
            if (!how.browser().isEmpty()) {
                facts.add(new Fact(of("mails.browser"), how.browser()));
            }
            return facts;
        }
    }
}
