/** Workers as containers of a Docker or Podman daemon, on a local socket or over the network. */
@NullMarked
package dev.buildman.executor.docker;

import org.jspecify.annotations.NullMarked;
