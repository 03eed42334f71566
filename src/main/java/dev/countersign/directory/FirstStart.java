package dev.countersign.directory;

import dev.countersign.configuration.Settings;
import java.time.Clock;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/** Makes the default environment of a new installation before any door opens: the first request finds it. */
@Component
final class FirstStart implements SmartInitializingSingleton {
    private final Environments environments;
    private final Settings settings;
    private final Clock clock;

    FirstStart(Environments environments, Settings settings, Clock clock) {
        this.environments = environments;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void afterSingletonsInstantiated() {
        environments.requireDefault(settings.name(), clock.instant());
    }
}
