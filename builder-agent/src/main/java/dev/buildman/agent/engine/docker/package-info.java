/**
 * The engines that ask a daemon: the classic builder of the Docker API, as Docker and Podman serve
 * it on a socket or over TLS.
 */
@NullMarked
package dev.buildman.agent.engine.docker;

import org.jspecify.annotations.NullMarked;
