/** The port to what turns a Dockerfile and its context into an image in a registry. */
@NullMarked
package dev.buildman.agent.engine;

import org.jspecify.annotations.NullMarked;
