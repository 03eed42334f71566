package dev.countersign.console;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** The address of a page with what it is to show: a search, or a form as it was filled. Not thread-safe. */
final class PageAddress {
    private final StringBuilder address;

    /** @param path with a query or without */
    PageAddress(String path) {
        this.address = new StringBuilder(path);
    }

    /** One more parameter; any text. */
    PageAddress with(String name, String value) {
        address.append(address.indexOf("?") < 0 ? '?' : '&')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        return this;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
