/**
 * The port to the control planes that run workers: what every executor does, what it answers, and
 * the settings that all of them share.
 */
@NullMarked
package dev.buildman.executor;

import org.jspecify.annotations.NullMarked;
