/** The manager's own figures and health: metric names, gauges, and the port that serves them. */
@NullMarked
package dev.buildman.metrics;

import org.jspecify.annotations.NullMarked;
