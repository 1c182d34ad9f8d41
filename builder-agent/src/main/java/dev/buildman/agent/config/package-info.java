/** What the agent is told by its environment, read once at its start with every mistake at once. */
@NullMarked
package dev.buildman.agent.config;

import org.jspecify.annotations.NullMarked;
