/** What wakes a manager: hints, the tick, the list of what is due; and who is there. */
@NullMarked
package dev.buildman.orchestrator.events;

import org.jspecify.annotations.NullMarked;
