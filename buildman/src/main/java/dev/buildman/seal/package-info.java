/** Seals a build's secrets before they reach Redis and opens them again for its agent. */
@NullMarked
package dev.buildman.seal;

import org.jspecify.annotations.NullMarked;
