/**
 * What clients may do: create, watch, list, cancel and retry builds, and see how the whole stands.
 */
@NullMarked
package dev.buildman.intake;

import org.jspecify.annotations.NullMarked;
