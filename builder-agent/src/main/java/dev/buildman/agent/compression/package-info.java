/** How archives and layers are packed: told by their first bytes, unpacked as streams. */
@NullMarked
package dev.buildman.agent.compression;

import org.jspecify.annotations.NullMarked;
