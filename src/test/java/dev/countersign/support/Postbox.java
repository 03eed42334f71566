package dev.countersign.support;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.BodyPart;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A mail server on a free loopback port that takes every mail and shows it. */
public final class Postbox implements AutoCloseable {
    private static final Pattern LINK = Pattern.compile("(https?://\\S+/link\\?token=[A-Za-z0-9_-]{43})");

    private final GreenMail server;

    public Postbox() {
        this(0);
    }

    /** On a port that was free a moment ago. */
    public Postbox(int port) {
        server = new GreenMail(new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.start();
    }

    public int port() {
        return server.getSmtp().getPort();
    }

    /** A mail as its reader sees it. */
    public record Received(MimeMessage message, String subject, String to, String text, String html) {
        /** The link in its text. */
        public String link() {
            Matcher found = LINK.matcher(text);
            if (!found.find()) {
                throw new AssertionError("no link in: " + text);
            }
            return found.group(1);
        }
    }

    public List<Received> all() {
        return Stream.of(server.getReceivedMessages()).map(Postbox::read).toList();
    }

    public List<Received> to(String address) {
        return all().stream().filter(mail -> mail.to().equals(address)).toList();
    }

    /** The only mail there is. */
    public Received only() {
        List<Received> all = all();
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " mails: "
                    + all.stream().map(mail -> mail.to() + " " + mail.subject()).toList());
        }
        return all.getFirst();
    }

    /** Waits for the {@code nth} mail with this subject to this address. */
    public Received await(String to, String subject, int nth) {
        while (true) {
            int seen = all().size();
            List<Received> found = to(to).stream()
                    .filter(mail -> mail.subject().contains(subject))
                    .toList();
            if (found.size() >= nth) {
                return found.get(nth - 1);
            }
            if (!server.waitForIncomingEmail(20_000, seen + 1)) {
                throw new AssertionError("no mail '" + subject + "' to " + to + " among "
                        + all().stream()
                                .map(mail -> mail.to() + " " + mail.subject())
                                .toList());
            }
        }
    }

    public void empty() {
        try {
            server.purgeEmailFromAllMailboxes();
        } catch (com.icegreen.greenmail.store.FolderException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Received read(MimeMessage message) {
        try {
            Multipart parts = (Multipart) message.getContent();
            return new Received(
                    message,
                    message.getSubject(),
                    message.getAllRecipients()[0].toString(),
                    text(parts.getBodyPart(0), "text/plain"),
                    text(parts.getBodyPart(1), "text/html"));
        } catch (MessagingException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(BodyPart part, String type) throws MessagingException, IOException {
        if (!part.isMimeType(type)) {
            throw new AssertionError(part.getContentType() + " where " + type + " was expected");
        }
        return part.getContent().toString().replace("\r\n", "\n");
    }

    @Override
    public void close() {
        server.stop();
    }
}
