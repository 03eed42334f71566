/** Traces for whoever runs the server, sent by OTLP; made only when the settings say where to. */
@ApplicationModule(allowedDependencies = {"kernel", "configuration", "vault", "web"})
@NullMarked
package dev.countersign.tracing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
