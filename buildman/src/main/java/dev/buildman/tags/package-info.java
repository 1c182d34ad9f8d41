/** Which tags a registry has by now: asked of the registry, briefly. */
@NullMarked
package dev.buildman.tags;

import org.jspecify.annotations.NullMarked;
