/** Leaf: the agent's clocks, back-off and named virtual threads; the only place that sleeps. */
@NullMarked
package dev.buildman.agent.runtime;

import org.jspecify.annotations.NullMarked;
