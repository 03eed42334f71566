package dev.countersign.api;

import dev.countersign.directory.Environment;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Identifiers;
import dev.countersign.kernel.Permission;
import dev.countersign.mail.Delivery;
import dev.countersign.mail.MailQueue;
import dev.countersign.mail.MailServer;
import dev.countersign.mail.MailSettings;
import dev.countersign.mail.QueuedMail;
import dev.countersign.vault.SecretText;
import dev.countersign.web.Access;
import dev.countersign.web.ApiCaller;
import dev.countersign.web.Bodies;
import dev.countersign.web.Operation;
import dev.countersign.web.ProblemType;
import dev.countersign.web.Refusal;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The mail server, a test of it, and what waits to be sent. */
@RestController
final class MailApi {
    private static final int MOST_SHOWN = 200;

    private final MailServer server;
    private final MailQueue queue;
    private final Clock clock;

    MailApi(MailServer server, MailQueue queue, Clock clock) {
        this.server = server;
        this.queue = queue;
        this.clock = clock;
    }

    /**
     * The mail server. Its password is never read back.
     *
     * @param security {@code none}, {@code starttls} or {@code tls}
     */
    record MailServerView(
            String host,
            int port,
            String security,
            @Nullable String username,
            boolean hasPassword,
            String fromAddress,
            String fromName,
            String locale) {}

    /** Another mail server. Without a password the one there is stays, as long as server and user do. */
    record NewMailServer(
            String host,
            int port,
            String security,
            @Nullable String username,
            @Nullable String password,
            String fromAddress,
            String fromName,
            @Nullable String locale) {
        @Override
        public String toString() {
            return "NewMailServer(hidden)";
        }
    }

    /** What the server said: {@code accepted}, {@code refused} or {@code failed}. */
    record MailTested(String delivery, String answer) {}

    /** A mail, without what it says. */
    record QueuedMailView(
            String id,
            String kind,
            String recipient,
            String state,
            int attempts,
            Instant createdAt,
            Instant nextAt,
            String lastAnswer) {}

    /** The newest mails, the newest first. */
    record QueuedMails(List<QueuedMailView> items) {}

    @GetMapping("/api/v1/mail/server")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation(value = "The mail server, if there is one.", problems = ProblemType.NOT_FOUND)
    MailServerView getMailServer(HttpServletRequest request) {
        return view(environment(request).id());
    }

    private MailServerView view(EnvironmentId environment) {
        MailSettings settings = server.find(environment).orElseThrow(Refusal::notFound);
        return new MailServerView(
                settings.host(),
                settings.port(),
                settings.security().wireName(),
                settings.username().isEmpty() ? null : settings.username(),
                server.hasPassword(environment),
                settings.fromAddress(),
                settings.fromName(),
                settings.locale());
    }

    @PutMapping(path = "/api/v1/mail/server", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation(value = "Set the mail server.", problems = ProblemType.INVALID_VALUE)
    MailServerView setMailServer(@RequestBody NewMailServer body, HttpServletRequest request) {
        MailSettings.Security security = MailSettings.Security.ofWireName(Bodies.required("security", body.security()))
                .orElseThrow(
                        () -> Refusal.of(ProblemType.INVALID_VALUE, "security", "security is none, starttls or tls"));
        MailSettings settings = new MailSettings(
                Bodies.required("host", body.host()).strip(),
                body.port(),
                security,
                Optional.ofNullable(body.username()).orElse("").strip(),
                Bodies.required("fromAddress", body.fromAddress()).strip(),
                Bodies.required("fromName", body.fromName()).strip(),
                Optional.ofNullable(body.locale()).orElse(MailSettings.LOCALES.getFirst()));
        settings.problem().ifPresent(problem -> {
            throw explain(problem);
        });
        ApiCaller caller = ApiCaller.of(request);
        EnvironmentId environment = environment(request).id();
        server.change(
                environment,
                settings,
                Optional.ofNullable(body.password()).map(SecretText::of),
                caller.actor(),
                caller.origin(),
                clock.instant());
        return view(environment);
    }

    private static Refusal explain(MailSettings.Problem problem) {
        return switch (problem) {
            case HOST -> Refusal.of(ProblemType.INVALID_VALUE, "host", "host is no name or address of a server.");
            case PORT -> Refusal.of(ProblemType.INVALID_VALUE, "port", "port is 1 to 65535.");
            case USERNAME -> Refusal.of(ProblemType.INVALID_VALUE, "username", "username is one line of text.");
            case UNPROTECTED ->
                Refusal.of(
                        ProblemType.INVALID_VALUE,
                        "security",
                        "A password is sent over starttls or tls only, not over none.");
            case FROM_ADDRESS ->
                Refusal.of(ProblemType.INVALID_VALUE, "fromAddress", "fromAddress is no mail address.");
            case FROM_NAME -> Refusal.of(ProblemType.INVALID_VALUE, "fromName", "fromName is one line of text.");
            case LOCALE -> Refusal.of(ProblemType.INVALID_VALUE, "locale", "locale is en, de, fr or nl.");
        };
    }

    @DeleteMapping("/api/v1/mail/server")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS, fresh = true)
    @Operation("Send no more mail.")
    void removeMailServer(HttpServletRequest request) {
        ApiCaller caller = ApiCaller.of(request);
        server.remove(environment(request).id(), caller.actor(), caller.origin(), clock.instant());
    }

    @PostMapping("/api/v1/mail/test")
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation("Send a test at once, to oneself, and answer what the server said.")
    MailTested testMail(HttpServletRequest request) {
        ApiCaller caller = ApiCaller.of(request);
        Delivery delivery = server.test(
                        environment(request),
                        caller.account().email(),
                        caller.account().displayName(),
                        caller.account().locale().orElse(MailSettings.LOCALES.getFirst()),
                        clock.instant())
                .delivery();
        String kind = switch (delivery) {
            case Delivery.Accepted _ -> "accepted";
            case Delivery.Refused _ -> "refused";
            case Delivery.Failed _ -> "failed";
        };
        return new MailTested(kind, delivery.answer());
    }

    @GetMapping("/api/v1/mail/queue")
    @Access(value = Access.Level.API, needs = Permission.VIEW_SETTINGS)
    @Operation("The 200 newest mails, without what they say.")
    QueuedMails listMails(HttpServletRequest request) {
        return new QueuedMails(queue.newest(environment(request).id(), MOST_SHOWN).stream()
                .map(MailApi::view)
                .toList());
    }

    @PostMapping("/api/v1/mail/queue/{id}/retry")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation("Try a mail again at once.")
    void retryMail(@PathVariable("id") String id, HttpServletRequest request) {
        String mail = Identifiers.find(id).orElseThrow(Refusal::notFound);
        if (!queue.retry(environment(request).id(), mail, clock.instant())) {
            throw Refusal.notFound();
        }
    }

    @DeleteMapping("/api/v1/mail/queue/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Access(value = Access.Level.API, needs = Permission.EDIT_SYSTEM_SETTINGS)
    @Operation("Take a mail out of the queue.")
    void deleteMail(@PathVariable("id") String id, HttpServletRequest request) {
        String mail = Identifiers.find(id).orElseThrow(Refusal::notFound);
        if (!queue.delete(environment(request).id(), mail)) {
            throw Refusal.notFound();
        }
    }

    private static QueuedMailView view(QueuedMail mail) {
        return new QueuedMailView(
                mail.id(),
                mail.kind(),
                mail.recipient(),
                mail.state().name().toLowerCase(Locale.ROOT),
                mail.attempts(),
                mail.createdAt(),
                mail.nextAt(),
                mail.lastAnswer());
    }

    private static Environment environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment();
    }
}
