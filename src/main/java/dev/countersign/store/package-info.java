/** The database: connections, transactions, schema, and the differences between SQLite and PostgreSQL. */
@ApplicationModule(allowedDependencies = {"kernel"})
@NullMarked
package dev.countersign.store;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
