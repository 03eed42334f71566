package dev.countersign.mail;

import dev.countersign.directory.EmailAddress;
import dev.countersign.store.Deadline;
import dev.countersign.vault.SecretText;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.UnsupportedEncodingException;
import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Hands a letter to a mail server, on one connection with bounded waits, and a limit for all of them. Thread-safe. */
@Component
final class Smtp {
    private static final String CONNECT_MILLIS = "10000";
    private static final String READ_MILLIS = "20000";
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final BoundedReplies REPLIES = new BoundedReplies();
    private static final String UTF_8 = StandardCharsets.UTF_8.name();
    private static final int LONGEST_ANSWER = 500;

    private final Duration longest;

    Smtp() {
        this(LONGEST);
    }

    /** @param longest for a whole mail: the waits for a connection, an answer and a write begin anew each time */
    Smtp(Duration longest) {
        this.longest = longest;
    }

    /** Sends one mail; never throws for what a server or a network can do. */
    Delivery send(
            MailSettings settings,
            Optional<SecretText> password,
            String recipient,
            Letter letter,
            String id,
            Instant now) {
        Session session = Session.getInstance(properties(settings));
        Deadline deadline = Deadline.ofThisThread(longest);
        try (deadline;
                SMTPTransport transport = (SMTPTransport) session.getTransport("smtp")) {
            MimeMessage message = message(session, settings, recipient, letter, id, now);
            if (settings.username().isEmpty()) {
                transport.connect();
            } else {
                transport.connect(
                        settings.username(), password.map(SecretText::reveal).orElse(""));
            }
            transport.sendMessage(message, message.getAllRecipients());
            return new Delivery.Accepted(oneLine(transport.getLastServerResponse()));
        } catch (MessagingException | UnsupportedEncodingException e) {
            String answer = deadline.isOver() ? "The mail server took too long." : oneLine(explain(e));
            return isFinal(e) ? new Delivery.Refused(answer) : new Delivery.Failed(answer);
        }
    }

    private static Properties properties(MailSettings settings) {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", settings.host());
        properties.put("mail.smtp.port", Integer.toString(settings.port()));
        properties.put("mail.smtp.auth", Boolean.toString(!settings.username().isEmpty()));
        properties.put("mail.smtp.connectiontimeout", CONNECT_MILLIS);
        properties.put("mail.smtp.timeout", READ_MILLIS);
        properties.put("mail.smtp.writetimeout", READ_MILLIS);
        properties.put("mail.smtp.quitwait", "false");
        properties.put("mail.smtp.socketFactory", REPLIES);
        properties.put("mail.smtp.socketFactory.fallback", "false");
        properties.put("mail.mime.allowutf8", "true");
        properties.put("mail.smtp.ssl.checkserveridentity", "true");
        switch (settings.security()) {
            case NONE -> properties.put("mail.smtp.starttls.enable", "false");
            case STARTTLS -> {
                properties.put("mail.smtp.starttls.enable", "true");
                properties.put("mail.smtp.starttls.required", "true");
            }
            case TLS -> properties.put("mail.smtp.ssl.enable", "true");
        }
        return properties;
    }

    private static MimeMessage message(
            Session session, MailSettings settings, String recipient, Letter letter, String id, Instant now)
            throws MessagingException, UnsupportedEncodingException {
        MimeMessage message =
                new Identified(session, "<" + id + "@countersign." + domain(settings.fromAddress()) + ">");
        InternetAddress from = address(settings.fromAddress());
        if (!settings.fromName().isEmpty()) {
            from.setPersonal(settings.fromName(), UTF_8);
        }
        message.setFrom(from);
        message.setRecipient(Message.RecipientType.TO, address(recipient));
        message.setSubject(oneLine(letter.subject()), UTF_8);
        message.setSentDate(Date.from(now));
        message.setContent(new MimeMultipart("alternative", part(letter.text(), "plain"), part(letter.html(), "html")));
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setHeader("X-Auto-Response-Suppress", "All");
        return message;
    }

    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setText(text, UTF_8, subtype);
        return part;
    }

    /** Domains of other alphabets go in the form every server knows. */
    private static InternetAddress address(String typed) throws MessagingException {
        if (!EmailAddress.isValid(typed)) {
            throw new AddressException("This is not one mail address", typed);
        }
        int at = typed.lastIndexOf('@');
        InternetAddress address = new InternetAddress(typed.substring(0, at + 1) + domain(typed));
        address.validate();
        return address;
    }

    private static String domain(String address) {
        return IDN.toASCII(address.substring(address.lastIndexOf('@') + 1));
    }

    /** The recipient, the sender or the mail was refused with a code that says "never". */
    private static boolean isFinal(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            int code = switch (cause) {
                case SMTPAddressFailedException refused -> refused.getReturnCode();
                case SMTPSenderFailedException refused -> refused.getReturnCode();
                case SMTPSendFailedException refused -> refused.getReturnCode();
                case AddressException _ -> 553;
                default -> 0;
            };
            if (code / 100 == 5) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Throwable next(Throwable failure) {
        return failure instanceof MessagingException messaging && messaging.getNextException() != null
                ? messaging.getNextException()
                : failure.getCause();
    }

    /** The most telling message: the server's about a recipient, else the first there is. */
    private static String explain(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = next(cause)) {
            boolean general = cause instanceof SendFailedException && !(cause instanceof SMTPAddressFailedException);
            if (!general && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        return String.valueOf(failure.getMessage());
    }

    static String oneLine(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").strip();
        return line.length() > LONGEST_ANSWER ? line.substring(0, LONGEST_ANSWER) : line;
    }

    /** Keeps one Message-ID over all attempts, so that a mail sent twice is shown once. */
    private static final class Identified extends MimeMessage {
        private final String messageId;

        Identified(Session session, String messageId) {
            super(session);
            this.messageId = messageId;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", messageId);
        }
    }
}
