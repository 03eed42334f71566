package dev.countersign.mail;

/** A mail as it is sent. */
record Letter(String subject, String text, String html) {
    @Override
    public String toString() {
        return "Letter(" + subject + ")";
    }
}
