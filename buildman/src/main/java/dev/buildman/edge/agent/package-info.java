/** The agents' listener: translates their calls, checks who they are, and distrusts the rest. */
@NullMarked
package dev.buildman.edge.agent;

import org.jspecify.annotations.NullMarked;
