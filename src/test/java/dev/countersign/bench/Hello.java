package dev.countersign.bench;

/** What Java alone needs to start. */
final class Hello {
    private Hello() {}

    public static void main(String[] arguments) {
        System.out.println("Hello");
    }
}
