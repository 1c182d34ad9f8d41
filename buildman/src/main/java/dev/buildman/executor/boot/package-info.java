/**
 * What a machine is told at its boot: how it becomes a worker, and when it goes. For every executor
 * whose workers are machines.
 */
@NullMarked
package dev.buildman.executor.boot;

import org.jspecify.annotations.NullMarked;
