/**
 * The connection to the manager: registration, heartbeats and the lease that they hold, phases and
 * log lines, each over any number of broken connections. The only package that knows gRPC.
 */
@NullMarked
package dev.buildman.agent.link;

import org.jspecify.annotations.NullMarked;
