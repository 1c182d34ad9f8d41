/**
 * Reads Dockerfiles and ignore files as Docker defines them; pure, knows no engine and no files.
 */
@NullMarked
package dev.buildman.agent.dockerfile;

import org.jspecify.annotations.NullMarked;
