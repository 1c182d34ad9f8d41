/** The agent: runs one build in a worker, then exits. */
@NullMarked
package dev.buildman.agent;

import org.jspecify.annotations.NullMarked;
