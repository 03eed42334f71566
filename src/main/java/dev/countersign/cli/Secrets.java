package dev.countersign.cli;

import dev.countersign.vault.PrivateFiles;
import dev.countersign.vault.SecretText;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads secrets from a file, standard input or the terminal; never from the command line, where others can see them. */
final class Secrets {
    private Secrets() {}

    /** The first line of the file, or of standard input for {@code -}; asks at the terminal when no file is named. */
    static SecretText password(@Nullable String file) {
        if (file == null) {
            return ask();
        }
        try {
            return SecretText.of(file.equals("-") ? firstLineOfInput() : firstLine(Path.of(file)));
        } catch (IOException e) {
            throw Workbench.notFound("Cannot read the password from " + file + ": " + e.getMessage());
        }
    }

    /**
     * The passphrase of a backup, from the same places.
     *
     * @param chosen whether it is new, and typed twice
     */
    static SecretText passphrase(@Nullable String file, boolean chosen) {
        if (file == null) {
            Console console = terminal("Give the passphrase with --passphrase-file FILE, or - and standard input.");
            SecretText first = read(console, "Passphrase of the backup: ");
            if (chosen && !first.equalsSecretText(read(console, "Once more: "))) {
                throw Workbench.refused("The two passphrases differ. Nothing was written.");
            }
            return first;
        }
        try {
            if (file.equals("-")) {
                return SecretText.of(firstLineOfInput());
            }
            PrivateFiles.requirePrivate(Path.of(file));
            return SecretText.of(firstLine(Path.of(file)));
        } catch (IOException e) {
            throw Workbench.notFound("Cannot read the passphrase from " + file + ": " + e.getMessage());
        }
    }

    private static Console terminal(String otherwise) {
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw Workbench.refused(otherwise);
        }
        return console;
    }

    private static String firstLine(Path file) throws IOException {
        return Files.readString(file).lines().findFirst().orElse("");
    }

    private static String firstLineOfInput() throws IOException {
        String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return line == null ? "" : line;
    }

    private static SecretText ask() {
        Console console =
                terminal("Give the password with --password-file FILE, or --password-file - and standard input.");
        SecretText first = read(console, "Password: ");
        if (!first.equalsSecretText(read(console, "Once more: "))) {
            throw Workbench.refused("The two passwords differ. Nothing was changed.");
        }
        return first;
    }

    private static SecretText read(Console console, String prompt) {
        char[] typed = console.readPassword(prompt);
        return SecretText.of(typed == null ? "" : new String(typed));
    }
}
