/** Workers that must be seen gone, and the capacity that they still hold. */
@NullMarked
package dev.buildman.orchestrator.duty;

import org.jspecify.annotations.NullMarked;
