/** The truth in Redis: what all its transitions share. */
@NullMarked
package dev.buildman.orchestrator;

import org.jspecify.annotations.NullMarked;
