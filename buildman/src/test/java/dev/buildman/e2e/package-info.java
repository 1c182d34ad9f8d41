/**
 * Whole builds: managers and agents as processes of the distributions, real Redis, real registries.
 */
@NullMarked
package dev.buildman.e2e;

import org.jspecify.annotations.NullMarked;
