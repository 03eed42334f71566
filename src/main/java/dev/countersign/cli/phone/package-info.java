/** A phone for the command line: it speaks the documented companion protocol and nothing else. */
@NullMarked
package dev.countersign.cli.phone;

import org.jspecify.annotations.NullMarked;
