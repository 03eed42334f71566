/** What all HTTP doors share: client address, headers, cookies, guards, error pages. */
@NullMarked
package dev.countersign.web;

import org.jspecify.annotations.NullMarked;
