/** The database: connections, transactions, schema, and the differences between SQLite and PostgreSQL. */
@NullMarked
package dev.countersign.store;

import org.jspecify.annotations.NullMarked;
