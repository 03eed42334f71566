package dev.countersign.mail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.support.HangingServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Mail servers that get nowhere; {@link MailTest} has those that answer. */
class SmtpTest {
    private static final Duration LONGEST = Duration.ofMillis(300);
    private static final Smtp SMTP = new Smtp(LONGEST);

    @Test
    void ac_244_a_server_that_greets_for_ever_or_not_at_all_is_given_up_and_the_sender_goes_on() throws Exception {
        try (HangingServer line = HangingServer.dripping("220 mail", "-and-more");
                HangingServer lines = HangingServer.dripping("220-mail\r\n", "220-and more\r\n");
                HangingServer silent = HangingServer.silent();
                // One thread, as a sender that has more to send.
                ExecutorService sender =
                        Executors.newSingleThreadExecutor(Thread.ofVirtual().factory())) {
            for (MailSettings.Security security : MailSettings.Security.values()) {
                // What greets in plain text is no server of TLS, and is told apart at once.
                boolean tls = security == MailSettings.Security.TLS;
                for (HangingServer server : tls ? List.of(silent) : List.of(line, lines, silent)) {
                    Future<Delivery> sent = sender.submit(() -> send(server.port(), security));
                    assertThat(sent.get(15, TimeUnit.SECONDS))
                            .isEqualTo(new Delivery.Failed("The mail server took too long."));
                }
            }
            assertThat(sender.submit(Thread::interrupted).get()).isFalse();
        }
    }

    @Test
    void ac_244_a_server_that_floods_is_given_up_before_it_fills_the_memory() throws Exception {
        Smtp patient = new Smtp(Duration.ofMinutes(5));
        try (HangingServer lines = HangingServer.flooding("220-mail\r\n", "220-and more\r\n".repeat(1_000));
                HangingServer line = HangingServer.flooding("220-mail", "and more".repeat(1_000));
                ExecutorService sender = Executors.newVirtualThreadPerTaskExecutor()) {
            for (HangingServer server : List.of(lines, line)) {
                Future<Delivery> sent = sender.submit(() -> send(patient, server.port(), MailSettings.Security.NONE));
                assertThat(sent.get(1, TimeUnit.MINUTES)).isInstanceOf(Delivery.Failed.class);
            }
        }
    }

    private static Delivery send(int port, MailSettings.Security security) {
        return send(SMTP, port, security);
    }

    private static Delivery send(Smtp smtp, int port, MailSettings.Security security) {
        MailSettings settings =
                new MailSettings("127.0.0.1", port, security, "", "login@northwind.example", "Northwind", "en");
        return smtp.send(
                settings,
                Optional.empty(),
                "anna@northwind.example",
                new Letter("Subject", "text", "<p>text</p>"),
                "mail-1",
                Instant.EPOCH);
    }
}
