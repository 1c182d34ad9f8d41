/** Jobs: attempts on their way from the intent over the agent's session to their end. */
@NullMarked
package dev.buildman.orchestrator.job;

import org.jspecify.annotations.NullMarked;
