package dev.countersign.cli;

import dev.countersign.activity.ActivityLog;
import dev.countersign.activity.Actor;
import dev.countersign.administration.Administrator;
import dev.countersign.administration.Outcome;
import dev.countersign.configuration.Settings;
import dev.countersign.directory.Account;
import dev.countersign.directory.Accounts;
import dev.countersign.directory.Environment;
import dev.countersign.directory.Environments;
import dev.countersign.directory.Group;
import dev.countersign.directory.Groups;
import dev.countersign.directory.Installation;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Origin;
import dev.countersign.kernel.StartFailure;
import dev.countersign.store.Database;
import dev.countersign.vault.Vault;
import java.time.Clock;
import java.time.Instant;
import java.util.function.Function;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** An installation opened for one command, on a stopped or a running server. */
final class Workbench implements AutoCloseable {
    private final AnnotationConfigApplicationContext context;
    private final Installation installation;
    private final Environment environment;

    private Workbench(AnnotationConfigApplicationContext context, Installation installation, Environment environment) {
        this.context = context;
        this.installation = installation;
        this.environment = environment;
    }

    /** Opens the installation; the name of the environment must exist. */
    static Workbench open(Settings settings, String environmentName, Program.Parts parts) {
        Instant now = parts.clock().instant();
        return over(Installation.openExisting(settings, now), settings, environmentName, parts);
    }

    /** The same on an installation that is open, in its first environment. */
    static Workbench over(Installation installation, Settings settings, Program.Parts parts) {
        return over(installation, settings, Environment.DEFAULT_NAME, parts);
    }

    private static Workbench over(
            Installation installation, Settings settings, String environmentName, Program.Parts parts) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(Settings.class, () -> settings);
        context.registerBean(Database.class, installation::database);
        context.registerBean(Vault.class, installation::vault);
        context.registerBean(Clock.class, parts::clock);
        context.registerBean(PasswordSettings.class, parts::passwords);
        context.register(parts.modules());
        context.refresh();
        Environments environments = context.getBean(Environments.class);
        Environment environment = environments
                .findByName(environmentName)
                .orElseThrow(() -> notFound("There is no environment '" + environmentName
                        + "'. List them with: countersign environment list"));
        return new Workbench(context, installation, environment);
    }

    <T> T get(Class<T> part) {
        return context.getBean(part);
    }

    Environment environment() {
        return environment;
    }

    EnvironmentId environmentId() {
        return environment.id();
    }

    Instant now() {
        return get(Clock.class).instant();
    }

    /** The owner of the server, who typed the command. */
    Administrator operator() {
        return Administrator.operator(environmentId(), actor(), origin());
    }

    /** What was done, or a refusal in words. */
    <T> T require(Outcome<T> outcome) {
        return outcome.fold(Function.identity(), why -> {
            throw refused(Texts.of(why.messageKey()));
        });
    }

    Actor actor() {
        return Actor.commandLine(operatingSystemUser());
    }

    Origin origin() {
        return Origin.commandLine(operatingSystemUser());
    }

    ActivityLog activity() {
        return get(ActivityLog.class);
    }

    /** The account of this name, which must exist. */
    Account account(String name) {
        return get(Accounts.class)
                .findByTypedName(environmentId(), name)
                .orElseThrow(
                        () -> notFound("There is no account '" + name + "'. List them with: countersign account list"));
    }

    /** The group of this name, which must exist. */
    Group group(String name) {
        return get(Groups.class)
                .findByName(environmentId(), name)
                .orElseThrow(() ->
                        notFound("There is no group '" + name + "'. Create it with: countersign group create " + name));
    }

    static StartFailure notFound(String message) {
        return new StartFailure(StartFailure.Kind.NOT_FOUND, message);
    }

    static StartFailure refused(String message) {
        return new StartFailure(StartFailure.Kind.REFUSED, message);
    }

    private static String operatingSystemUser() {
        return System.getProperty("user.name", "unknown");
    }

    @Override
    public void close() {
        context.close();
        installation.close();
    }
}
