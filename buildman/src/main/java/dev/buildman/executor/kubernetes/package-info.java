/** Workers as Jobs of a Kubernetes cluster. */
@NullMarked
package dev.buildman.executor.kubernetes;

import org.jspecify.annotations.NullMarked;
