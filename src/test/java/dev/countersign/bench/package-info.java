/** Measurements, each beside the limit it is compared with; run by {@code bin/bench}. */
package dev.countersign.bench;
