/** The engine that drives the buildah program: real RUN steps without a daemon, rootless too. */
@NullMarked
package dev.buildman.agent.engine.buildah;

import org.jspecify.annotations.NullMarked;
