/** One build from its registration to its report, step by step, and how it may end. */
@NullMarked
package dev.buildman.agent.run;

import org.jspecify.annotations.NullMarked;
