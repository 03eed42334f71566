package dev.countersign.web;

import java.util.List;
import java.util.Map;

/** A short name for a user agent: {@code Firefox, Linux}. What it says of itself is not evidence of anything. */
final class BrowserName {
    private static final int LONGEST = 60;
    private static final List<Map.Entry<String, String>> BROWSERS = List.of(
            Map.entry("Edg", "Edge"),
            Map.entry("OPR/", "Opera"),
            Map.entry("SamsungBrowser", "Samsung Internet"),
            Map.entry("Firefox/", "Firefox"),
            Map.entry("FxiOS", "Firefox"),
            Map.entry("CriOS", "Chrome"),
            Map.entry("Chrome/", "Chrome"),
            Map.entry("Safari/", "Safari"));
    private static final List<Map.Entry<String, String>> SYSTEMS = List.of(
            Map.entry("iPhone", "iPhone"),
            Map.entry("iPad", "iPad"),
            Map.entry("Android", "Android"),
            Map.entry("Windows", "Windows"),
            Map.entry("Mac OS X", "macOS"),
            Map.entry("CrOS", "ChromeOS"),
            Map.entry("Linux", "Linux"));

    private BrowserName() {}

    static String of(String userAgent) {
        String browser = firstMatch(BROWSERS, userAgent);
        String system = firstMatch(SYSTEMS, userAgent);
        if (browser.isEmpty()) {
            return printable(userAgent);
        }
        return system.isEmpty() ? browser : browser + ", " + system;
    }

    private static String firstMatch(List<Map.Entry<String, String>> names, String userAgent) {
        return names.stream()
                .filter(name -> userAgent.contains(name.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    /** The product name alone, in printable ASCII. */
    private static String printable(String userAgent) {
        String product = userAgent.split("[/ (]", 2)[0].replaceAll("[^\\x20-\\x7e]", "");
        return product.length() > LONGEST ? product.substring(0, LONGEST) : product;
    }
}
