package dev.countersign.mail;

/** What became of handing a mail to the server, with the server's own words. */
public sealed interface Delivery {
    String answer();

    /** The server took it. */
    record Accepted(String answer) implements Delivery {}

    /** The server will never take it: the recipient or the mail is refused. */
    record Refused(String answer) implements Delivery {}

    /** It did not work now; a later attempt may. */
    record Failed(String answer) implements Delivery {}
}
