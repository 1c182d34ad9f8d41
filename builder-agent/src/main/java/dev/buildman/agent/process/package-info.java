/** Runs other programs without a shell, and leaves none of them behind. */
@NullMarked
package dev.buildman.agent.process;

import org.jspecify.annotations.NullMarked;
