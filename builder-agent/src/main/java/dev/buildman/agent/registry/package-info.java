/** A client of the OCI distribution API: references, credentials, manifests and blobs. */
@NullMarked
package dev.buildman.agent.registry;

import org.jspecify.annotations.NullMarked;
