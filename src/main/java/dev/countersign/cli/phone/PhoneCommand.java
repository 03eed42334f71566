package dev.countersign.cli.phone;

import dev.countersign.cli.AnsweringCommand;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** A command of a phone: it needs no installation, only its file and a server somewhere. */
abstract class PhoneCommand extends AnsweringCommand {
    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where this phone is kept; .countersign-phone in the home directory unless named.")
    private @Nullable Path file;

    abstract Answer work(Path path, Clock clock);

    @Override
    public Integer call() {
        Path path = file == null ? Path.of(System.getProperty("user.home"), ".countersign-phone") : file;
        say(work(path, program().clock()));
        return CommandLine.ExitCode.OK;
    }
}
