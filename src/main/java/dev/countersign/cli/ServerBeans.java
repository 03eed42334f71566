package dev.countersign.cli;

import dev.countersign.configuration.Settings;
import dev.countersign.directory.Installation;
import dev.countersign.factor.password.PasswordSettings;
import dev.countersign.kernel.Ticks;
import dev.countersign.store.Database;
import dev.countersign.vault.Vault;
import java.time.Clock;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * What a server is made of. Spring finds and binds its beans either at each start, or once, when the program is built, and then
 * starts from the code it wrote ({@code -Dspring.aot.enabled=true}): a third less to do. What is decided when the program is
 * built cannot depend on settings, so everything is in it, and {@link Part}s that are not configured are taken out again.
 */
public final class ServerBeans {
    private ServerBeans() {}

    /** What a server has only when it is configured. */
    enum Part {
        MANAGEMENT("countersign.management"),
        TRACES("countersign.traces");

        private final String property;

        Part(String property) {
            this.property = property;
        }

        /** On which its beans are conditional. */
        String property() {
            return property;
        }

        static Set<Part> of(Settings settings) {
            Set<Part> parts = EnumSet.noneOf(Part.class);
            settings.operation().management().ifPresent(_ -> parts.add(MANAGEMENT));
            settings.operation().traces().ifPresent(_ -> parts.add(TRACES));
            return parts;
        }

        boolean has(String className) {
            return switch (this) {
                case MANAGEMENT ->
                    className.startsWith("dev.countersign.management.")
                            || className.startsWith("dev.countersign.metrics.");
                case TRACES -> className.startsWith("dev.countersign.tracing.");
            };
        }
    }

    static SpringApplication application(Program.Parts parts) {
        SpringApplication application = new SpringApplication(parts.modules(), parts.server());
        // By its name Spring finds the code it wrote.
        application.setMainApplicationClass(parts.server());
        application.setWebApplicationType(WebApplicationType.SERVLET);
        application.setBannerMode(Banner.Mode.OFF);
        application.setRegisterShutdownHook(false);
        application.setLogStartupInfo(false);
        return application;
    }

    /** Adds what was there before the beans, and takes out what is not configured. */
    static void give(
            GenericApplicationContext beans, Settings settings, Installation installation, Program.Parts parts) {
        addGiven(beans, () -> settings, () -> installation, parts);
        if (AotDetector.useGeneratedArtifacts()) {
            EnumSet<Part> absent = EnumSet.allOf(Part.class);
            absent.removeAll(Part.of(settings));
            absent.forEach(part -> remove(beans, part));
        }
    }

    private static void addGiven(
            GenericApplicationContext beans,
            Supplier<Settings> settings,
            Supplier<Installation> installation,
            Program.Parts parts) {
        add(beans, Clock.class, parts::clock);
        add(beans, Ticks.class, () -> ticks(parts.clock()));
        add(beans, PasswordSettings.class, parts::passwords);
        add(beans, Settings.class, settings);
        add(beans, Database.class, () -> installation.get().database());
        add(beans, Vault.class, () -> installation.get().vault());
    }

    private static <T> void add(GenericApplicationContext beans, Class<T> type, Supplier<T> made) {
        beans.registerBean(
                type,
                made,
                bean -> bean.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true));
    }

    private static void remove(GenericApplicationContext beans, Part part) {
        for (String name : beans.getBeanDefinitionNames()) {
            String className = beans.getBeanDefinition(name).getBeanClassName();
            if (className != null && part.has(className)) {
                beans.removeBeanDefinition(name);
            }
        }
    }

    /** For the build: the beans of every server, none of which is made. */
    public static void describe(Program.Parts parts) {
        SpringApplication application = application(parts);
        application.addInitializers(context -> {
            Map<String, Object> on = new HashMap<>();
            for (Part part : Part.values()) {
                on.put(part.property(), "on");
            }
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("countersign", on));
            addGiven((GenericApplicationContext) context, ServerBeans::none, ServerBeans::none, parts);
        });
        application.run();
    }

    private static <T> T none() {
        throw new IllegalStateException("there is no server while the program is built");
    }

    private static Ticks ticks(Clock clock) {
        return clock.equals(Clock.systemUTC()) ? System::nanoTime : Ticks.of(clock);
    }
}
