/**
 * Leaf: the agent's clocks and back-off, the only place that sleeps; and the removal of folders.
 */
@NullMarked
package dev.buildman.agent.runtime;

import org.jspecify.annotations.NullMarked;
