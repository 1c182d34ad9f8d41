/** Builds before and after their jobs: enqueued, claimed, parked, delayed, ended, read, retired. */
@NullMarked
package dev.buildman.orchestrator.queue;

import org.jspecify.annotations.NullMarked;
