package dev.countersign.console;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.Permission;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.mail.QueuedMail;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.Redirects;
import dev.countersign.web.RequestFacts;
import dev.countersign.web.SignedIn;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The mail page of the console: server, test, and what is in the queue. */
@Controller
final class MailPages {
    private static final int SHOWN = 100;
    private static final String HERE = "/console/mail";

    private final MailServer server;
    private final MailQueue queue;
    private final Clock clock;

    MailPages(MailServer server, MailQueue queue, Clock clock) {
        this.server = server;
        this.queue = queue;
        this.clock = clock;
    }

    @GetMapping("/console/mail")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_SETTINGS)
    ModelAndView show(@RequestParam(name = "tested", defaultValue = "") String tested, HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        List<QueuedMail> mails = queue.newest(environment.id(), SHOWN);
        ModelAndView page = new ModelAndView("console/mail");
        page.addObject("settings", server.find(environment.id()).orElse(null));
        page.addObject("hasPassword", server.hasPassword(environment.id()));
        page.addObject("mayEdit", SignedIn.of(request).rights().may(Permission.EDIT_SYSTEM_SETTINGS));
        page.addObject("mails", mails);
        page.addObject("waiting", queue.count(environment.id(), QueuedMail.State.QUEUED));
        page.addObject("failed", queue.count(environment.id(), QueuedMail.State.FAILED));
        page.addObject("myAddress", SignedIn.of(request).account().email());
        page.addObject(
                "test",
                mails.stream()
                        .filter(mail -> mail.id().equals(tested) && mail.kind().equals("test-mail"))
                        .findFirst()
                        .orElse(null));
        return page;
    }

    @GetMapping("/console/mail/edit")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    ModelAndView edit(HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        MailSettings settings = server.find(environment.id()).orElseGet(() -> suggested(environment));
        return form(settings, environment);
    }

    private static MailSettings suggested(Environment environment) {
        return new MailSettings(
                "",
                587,
                MailSettings.Security.STARTTLS,
                "",
                "",
                environment.displayName(),
                MailSettings.LOCALES.getFirst());
    }

    @PostMapping("/console/mail")
    @Access(
            value = Access.Level.CONSOLE,
            needs = Permission.EDIT_SYSTEM_SETTINGS,
            fresh = true,
            back = "/console/mail/edit")
    ModelAndView save(
            @RequestParam(name = "host", defaultValue = "") String host,
            @RequestParam(name = "port", defaultValue = "") String port,
            @RequestParam(name = "security", defaultValue = "") String security,
            @RequestParam(name = "username", defaultValue = "") String username,
            @RequestParam(name = "password", defaultValue = "") String password,
            @RequestParam(name = "fromAddress", defaultValue = "") String fromAddress,
            @RequestParam(name = "fromName", defaultValue = "") String fromName,
            @RequestParam(name = "locale", defaultValue = "") String locale,
            HttpServletRequest request) {
        Environment environment = RequestFacts.of(request).environment();
        MailSettings typed = new MailSettings(
                host.strip(),
                number(port),
                MailSettings.Security.ofWireName(security).orElse(MailSettings.Security.STARTTLS),
                username.strip(),
                fromAddress.strip(),
                fromName.strip(),
                locale);
        Optional<MailSettings.Problem> problem = typed.problem();
        if (problem.isPresent()) {
            ModelAndView page = form(typed, environment);
            page.addObject("problem", text(problem.get()));
            page.setStatus(HttpStatus.UNPROCESSABLE_CONTENT);
            return page;
        }
        server.change(
                environment.id(),
                typed,
                Optional.of(SecretText.of(password)),
                SignedIn.of(request).actor(),
                RequestFacts.of(request).origin("console"),
                clock.instant());
        return Redirects.to(HERE + "?notice=mail-saved");
    }

    @PostMapping("/console/mail/remove")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true, back = HERE)
    ModelAndView remove(HttpServletRequest request) {
        server.remove(
                RequestFacts.of(request).environment().id(),
                SignedIn.of(request).actor(),
                RequestFacts.of(request).origin("console"),
                clock.instant());
        return Redirects.to(HERE + "?notice=mail-off");
    }

    @PostMapping("/console/mail/test")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView test(HttpServletRequest request, Locale locale) {
        SignedIn person = SignedIn.of(request);
        MailServer.Tested tested = server.test(
                RequestFacts.of(request).environment(),
                person.account().email(),
                person.account().displayName(),
                locale.getLanguage(),
                clock.instant());
        return Redirects.to(HERE + "?tested=" + tested.id());
    }

    @PostMapping("/console/mail/retry")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView retry(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        boolean found = queue.retry(RequestFacts.of(request).environment().id(), id, clock.instant());
        return Redirects.to(HERE + (found ? "?notice=mail-retried" : "?problem=mail-gone"));
    }

    @PostMapping("/console/mail/delete")
    @Access(value = Access.Level.CONSOLE, needs = Permission.EDIT_SYSTEM_SETTINGS)
    ModelAndView delete(@RequestParam(name = "id", defaultValue = "") String id, HttpServletRequest request) {
        boolean found = queue.delete(RequestFacts.of(request).environment().id(), id);
        return Redirects.to(HERE + (found ? "?notice=mail-deleted" : "?problem=mail-gone"));
    }

    private ModelAndView form(MailSettings settings, Environment environment) {
        ModelAndView page = new ModelAndView("console/mail-edit");
        page.addObject("settings", settings);
        page.addObject("securities", List.of(MailSettings.Security.values()).reversed());
        page.addObject("hasPassword", server.hasPassword(environment.id()));
        page.addObject("on", queue.isOn(environment.id()));
        return page;
    }

    private static int number(String port) {
        return port.matches("\\d{1,5}") ? Integer.parseInt(port) : 0;
    }

    private static String text(MailSettings.Problem problem) {
        return switch (problem) {
            case HOST -> "problem.mail-host";
            case PORT -> "problem.mail-port";
            case USERNAME -> "problem.mail-username";
            case UNPROTECTED -> "problem.mail-unprotected";
            case FROM_ADDRESS -> "problem.mail-from-address";
            case FROM_NAME -> "problem.mail-from-name";
            case LOCALE -> "problem.required";
        };
    }
}
