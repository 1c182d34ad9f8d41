/** Figures: a load generator, a real manager and a real Redis, each a process of its own. */
@NullMarked
package dev.buildman.bench;

import org.jspecify.annotations.NullMarked;
