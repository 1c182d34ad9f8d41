/**
 * The engine that builds with BuildKit through the buildx program: all that Dockerfiles can say.
 */
@NullMarked
package dev.buildman.agent.engine.buildx;

import org.jspecify.annotations.NullMarked;
