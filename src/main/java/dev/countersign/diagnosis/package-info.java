/** Looks at everything a server needs: clock, keys, database, disk, proxies, certificate, mail, administrators, the log. */
@ApplicationModule(
        allowedDependencies = {
            "kernel",
            "configuration",
            "store",
            "vault",
            "directory",
            "policy",
            "administration",
            "keys",
            "node",
            "mail",
            "activity",
            "witness"
        })
@NullMarked
package dev.countersign.diagnosis;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
