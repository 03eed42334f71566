/** The settings of the server: one file, or variables, each value typed and bounded. */
@NullMarked
package dev.countersign.configuration;

import org.jspecify.annotations.NullMarked;
