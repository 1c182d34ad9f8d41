/** One build that the distribution's ahead-of-time cache is made from. */
@NullMarked
package dev.buildman.agent.training;

import org.jspecify.annotations.NullMarked;
