/** Copies an image from one registry to another instead of building one. */
@NullMarked
package dev.buildman.agent.copy;

import org.jspecify.annotations.NullMarked;
