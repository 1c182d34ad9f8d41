/**
 * Makes right what events alone cannot promise: the sweep over deadlines, duties until workers are
 * seen gone, the comparison of executors with live jobs, retention, presence.
 */
@NullMarked
package dev.buildman.reconcile;

import org.jspecify.annotations.NullMarked;
