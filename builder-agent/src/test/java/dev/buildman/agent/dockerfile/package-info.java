/** The Dockerfile reader, checked against tables of what Docker does. */
@NullMarked
package dev.buildman.agent.dockerfile;

import org.jspecify.annotations.NullMarked;
