/** An image as files: takes what an engine pushes to loopback and writes it as an OCI layout. */
@NullMarked
package dev.buildman.agent.layout;

import org.jspecify.annotations.NullMarked;
