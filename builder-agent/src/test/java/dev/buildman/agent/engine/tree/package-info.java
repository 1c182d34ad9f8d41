/** Tests of the engine in the agent's own process. */
@NullMarked
package dev.buildman.agent.engine.tree;

import org.jspecify.annotations.NullMarked;
