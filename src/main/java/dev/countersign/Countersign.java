package dev.countersign;

/** The program. */
public final class Countersign {
    private Countersign() {}

    public static void main(String[] args) {
        System.out.println(args.length);
    }
}
