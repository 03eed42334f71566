package dev.countersign;

import dev.countersign.cli.ServerBeans;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** The doors the server opens, above {@link Modules}. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@ComponentScan({
    "dev.countersign.health",
    "dev.countersign.metrics",
    "dev.countersign.management",
    "dev.countersign.tracing",
    "dev.countersign.web",
    "dev.countersign.portal",
    "dev.countersign.account",
    "dev.countersign.console",
    "dev.countersign.api",
    "dev.countersign.companion",
    "dev.countersign.gate",
    "dev.countersign.setup"
})
class Server {
    /** For the build: has Spring write the code that makes the beans. */
    public static void main(String[] none) {
        ServerBeans.describe(Countersign.PARTS);
    }
}
