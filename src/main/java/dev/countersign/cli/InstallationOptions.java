package dev.countersign.cli;

import dev.countersign.configuration.SettingKey;
import dev.countersign.configuration.Settings;
import dev.countersign.configuration.SettingsLoader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which installation a command is about. */
final class InstallationOptions {
    @Option(names = "--data", paramLabel = "DIR", description = "Directory of the installation.")
    @Nullable String data;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file; else countersign.yaml in DIR.")
    @Nullable Path config;

    /** The settings, with {@code more} of the command's own options. */
    Settings settings(Map<SettingKey, String> more) {
        Map<SettingKey, String> options = new EnumMap<>(SettingKey.class);
        options.putAll(more);
        if (data != null) {
            options.put(SettingKey.DATA, data);
        }
        return SettingsLoader.load(options, System.getenv(), Optional.ofNullable(config));
    }
}
