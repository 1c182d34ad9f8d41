/** Leaf: named virtual threads, loops, back-off and the clocks; the only place that sleeps. */
@NullMarked
package dev.buildman.runtime;

import org.jspecify.annotations.NullMarked;
