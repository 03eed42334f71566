package dev.countersign.browser;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of other makers that read our pictures and compute our codes, so that no code of ours vouches for itself. */
final class DebianTool {
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private DebianTool() {}

    /** The code an authenticator app shows at {@code now}, computed by oathtool. The secret goes in by stdin. */
    static String code(String base32, Instant now) {
        return run("oathtool", base32, "oathtool", List.of("--totp", "-b", "--now=" + MOMENT.format(now), "-"));
    }

    /** The text of the one QR code in a picture, read by zbarimg. */
    static String decode(Path picture) {
        return run(
                "zbar-tools",
                "",
                "zbarimg",
                List.of("--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture.toString()));
    }

    static String run(String debianPackage, String input, String program, List<String> arguments) {
        try {
            List<String> command = new ArrayList<>(List.of(program));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.US_ASCII));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(program + " failed, with " + process.exitValue() + " and: " + output);
            }
            return output.strip();
        } catch (IOException e) {
            throw new AssertionError(program + " is missing. Install it with: apt install " + debianPackage, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
